// Security headers of every response of the pages. They hold names and numbers of customers: nothing may cache, index
// or frame them, load anything into them, or learn their address.

import { createHash } from "node:crypto";
import { LIVE_SCRIPT } from "../../views/live-script.ts";
import { PLAYER_SCRIPT } from "../../views/player-script.ts";
import { STYLE } from "../../views/style.ts";
import { LIVE_STYLE } from "../../views/style-live.ts";

const hashOf = (text: string): string =>
  `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;

/** @param hasSound whether pages may play recordings, which are served beside them */
export const securityHeaders = (hasSound: boolean): { readonly [name: string]: string } => ({
  "content-security-policy": [
    "default-src 'none'",
    ...(hasSound ? ["media-src 'self'"] : []),
    `style-src ${hashOf(STYLE)} ${hashOf(LIVE_STYLE)}`,
    `script-src ${[LIVE_SCRIPT, ...(hasSound ? [PLAYER_SCRIPT] : [])].map(hashOf).join(" ")}`,
    // What the script asks: the news of its own page.
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; "),
  "referrer-policy": "no-referrer",
  "cache-control": "private, no-store",
  "x-robots-tag": "noindex",
  "x-content-type-options": "nosniff",
});
