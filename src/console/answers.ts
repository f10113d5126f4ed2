// The console's answers as HTTP: documents with their headers, redirects after a form, and the session's cookie.

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { STYLE } from "../../views/style.ts";
import { CONSOLE_STYLE } from "../../views/style-console.ts";
import { SECOND_MS } from "../lib/time.ts";
import type { Way } from "./transport.ts";

const COOKIE = "calllog_console";
/** Nothing else of the pages is ever sent it. */
const COOKIE_PATH = "/console";

const hashOf = (text: string): string =>
  `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;

const HEADERS: { readonly [name: string]: string } = {
  "content-security-policy": [
    "default-src 'none'",
    `style-src ${hashOf(STYLE)} ${hashOf(CONSOLE_STYLE)}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; "),
  // Not `no-referrer`: browsers then send forms with `Origin: null` (Fetch, "append a request Origin header").
  "referrer-policy": "same-origin",
  "cache-control": "private, no-store",
  "x-robots-tag": "noindex",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
};

/** A document of the console. */
export const documentOf = (page: JSX.Element, status = 200): Response =>
  new Response(`<!doctype html>${page as string}`, {
    status,
    headers: { ...HEADERS, "content-type": "text/html; charset=utf-8" },
  });

/** What follows a form that did something: loading the page again does not do it twice. */
export const seeOther = (location: string, cookie?: string): Response =>
  new Response(null, {
    status: 303,
    headers: { ...HEADERS, location, ...(cookie === undefined ? {} : { "set-cookie": cookie }) },
  });

/** `Set-Cookie` of a session; with no time left it takes the cookie away. */
export const cookieOf = (session: string, ttlMs: number, way: Way): string =>
  [
    `${COOKIE}=${session}`,
    `Path=${COOKIE_PATH}`,
    `Max-Age=${Math.floor(ttlMs / SECOND_MS)}`,
    "HttpOnly",
    "SameSite=Strict",
    ...(way === "https" ? ["Secure"] : []),
  ].join("; ");

/** The session that a request carries; empty where it carries none, or several: one of them is somebody else's. */
export const sessionIn = (headers: Headers): string => {
  const found = (headers.get("cookie") ?? "")
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${COOKIE}=`));
  return found.length === 1 ? (found[0] ?? "").slice(COOKIE.length + 1) : "";
};

/** More than any form of ours has, in bytes. */
const MAX_FORM_BYTES = 16 * 1024;

/** The fields of a form; undefined where it is none. */
export const readForm = async (
  request: Request,
): Promise<URLSearchParams | "too large" | undefined> => {
  const type = request.headers.get("content-type") ?? "";
  if (!type.toLowerCase().startsWith("application/x-www-form-urlencoded")) return undefined;
  const reader = request.body?.getReader();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    bytes += part.value.byteLength;
    if (bytes > MAX_FORM_BYTES) {
      // Not awaited: with some peers it never resolves.
      reader?.cancel().catch(() => undefined);
      return "too large";
    }
    parts.push(part.value);
  }
  return new URLSearchParams(Buffer.concat(parts).toString("utf8"));
};
