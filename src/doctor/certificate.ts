// The TLS certificate that browsers are shown at an address: is it trusted, for that name, and for how long.

import { isIP } from "node:net";
import { connect } from "node:tls";
import { DAY_MS } from "../lib/time.ts";
import { within } from "../lib/within.ts";
import { ANSWER_TIMEOUT_MS, type Finding, note, ok, wrong } from "./finding.ts";

/** Renewal is usually tried 30 days before; two weeks before the end something is amiss. */
const SOON_MS = 14 * DAY_MS;

type Shown = { readonly validTo: number; readonly fault: string | undefined };

const TROUBLES: ReadonlyMap<string, string> = new Map([
  ["CERT_HAS_EXPIRED", "has expired"],
  ["CERT_NOT_YET_VALID", "is not valid yet (is the clock right?)"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "signs itself"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "comes from an authority this machine does not know"],
  [
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "comes without the certificates between it and its authority",
  ],
  [
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "comes without the certificates between it and its authority",
  ],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "is for another name"],
]);

const troubleOf = (error: unknown): string => {
  const code =
    typeof error === "object" && error !== null && "code" in error
      ? String(error.code)
      : String(error);
  return TROUBLES.get(code) ?? `is not trusted (${code})`;
};

/** Undefined where no TLS came about in time. */
const shownAt = ({ hostname, port }: URL): Promise<Shown | undefined> => {
  const { promise, resolve } = Promise.withResolvers<Shown | undefined>();
  const host = hostname.replace(/^\[|\]$/g, "");
  const socket = connect(
    {
      host,
      port: port === "" ? 443 : Number(port),
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    },
    () => {
      const validTo = Date.parse(socket.getPeerCertificate().valid_to);
      const fault = socket.authorized ? undefined : troubleOf(socket.authorizationError);
      resolve({ validTo, fault });
    },
  );
  socket.on("error", () => resolve(undefined));
  return within(promise, ANSWER_TIMEOUT_MS, () => undefined).finally(() => socket.destroy());
};

/** What is to be said of the certificate at `url`; nothing where it is no https, or no TLS comes about. */
export const certificateAt = async (url: string, now: number): Promise<Finding[]> => {
  const address = new URL(url);
  if (address.protocol !== "https:") return [];
  const shown = await shownAt(address);
  if (shown === undefined) return [];
  const { validTo, fault } = shown;
  const what = `certificate of ${address.host}`;
  const day = new Date(validTo).toISOString().slice(0, 10);
  const todo = "renew it (certbot renew), then reload the proxy";
  if (validTo <= now) return [wrong(what, `has expired on ${day}`, todo)];
  if (fault !== undefined) {
    const chain = "let the proxy send the whole chain of a certificate for this name";
    return [wrong(what, fault, chain)];
  }
  return validTo - now < SOON_MS
    ? [note(what, `ends on ${day}, in ${Math.floor((validTo - now) / DAY_MS)} days`, todo)]
    : [ok(what, `good until ${day}`)];
};
