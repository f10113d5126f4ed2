// Headers of everything the viewer sends. Pages hold customers' names and numbers: nothing may cache them, index them,
// frame them, load anything into them, or learn their address.

import { createHash } from "node:crypto";
import { STYLE } from "../../views/style.ts";

const styleHash = createHash("sha256").update(STYLE, "utf8").digest("base64");

export const SECURITY_HEADERS: { readonly [name: string]: string } = {
  "content-security-policy": [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "referrer-policy": "no-referrer",
  "cache-control": "private, no-store",
  "x-robots-tag": "noindex",
  "x-content-type-options": "nosniff",
};
