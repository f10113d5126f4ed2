// The button that opens the page of a call. Telegram rejects a whole message for a URL it does not accept, so a card
// is sent without a button rather than not at all.

import type { Lang } from "../../domain/lang.ts";
import type { Log } from "../../lib/log.ts";
import { cardTextsOf } from "../../texts/index.ts";

export type CallButton = { readonly text: string; readonly url: string };

/**
 * Whether Telegram takes the address in a button: http or https, and a host with a dot in it, which names and IPv4
 * addresses have, `localhost` and IPv6 addresses have not.
 */
export const isButtonUrl = (url: string): boolean => {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return /^https?:$/.test(protocol) && /^[^[]+\.[^.]/.test(hostname);
};

/**
 * How calls get their buttons; the log says once why they get none.
 *
 * @param publicUrl where people reach the pages, without a slash at its end; null where that is not set
 * @returns makes the button from the path and query of a page, with the words for a call unless others are given; undefined
 *   where none would be taken
 */
export const callButtons = ({
  publicUrl,
  lang,
  log,
}: {
  readonly publicUrl: string | null;
  readonly lang: Lang;
  readonly log: Log;
}): ((path: string, text?: string) => CallButton) | undefined => {
  const details = cardTextsOf(lang).button;
  if (publicUrl !== null && isButtonUrl(publicUrl)) {
    return (path, text = details) => ({ text, url: `${publicUrl}${path}` });
  }
  log.warn(
    publicUrl === null
      ? "cards go without a button: set --public-url to the address at which people reach the pages"
      : "cards go without a button: Telegram takes no address whose host has no dot; set another --public-url",
    { publicUrl },
  );
  return undefined;
};
