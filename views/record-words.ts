// What a record means, in words. Depends on the record alone, so that a row never changes once it is shown.

import { isLocal, readChannelName } from "../src/asterisk/index.ts";
import { bodyExtensions, bodyText, type EventBody } from "../src/domain/event.ts";
import { maskedText } from "../src/domain/masked.ts";
import { cleanName } from "../src/domain/names.ts";
import type { AstRecord, StoredRecord } from "../src/domain/record.ts";
import type { Texts } from "../src/texts/index.ts";
import { telephone, type Zone } from "./format.ts";

/** A field on one line and not longer than a name: callers put whole pages into theirs. */
const shortText = (body: EventBody, field: string): string =>
  cleanName(bodyText(body, field)) ?? "";

/** `151` of `PJSIP/151-0000015c`; Local channels, pipes inside Asterisk, keep their whole name. */
const partyOf = (body: EventBody, zone: Zone): string => {
  const channel = shortText(body, "Channel");
  const shown = isLocal(channel) ? channel : readChannelName(channel).peer;
  const own = shortText(body, "Extension");
  return telephone(own || shown || shortText(body, "CallerIDNum"), zone);
};

const eventWords = (
  { event, body, uniqueId }: AstRecord,
  { recordWords, hidden }: Texts,
  zone: Zone,
): string => {
  const party = partyOf(body, zone);
  const who = party === "" ? uniqueId : party;
  switch (event) {
    case "start": {
      const name = shortText(body, "CallerIDName");
      const number = shortText(body, "Phone");
      const phone = number === "" ? hidden : telephone(number, zone);
      return recordWords.start(name === "" || name === number ? phone : `${phone} ${name}`);
    }
    case "dial":
      return recordWords.dial(
        bodyExtensions(body)
          .flatMap((text) => cleanName(telephone(text, zone)) ?? [])
          .join(", "),
        shortText(body, "Trunk"),
      );
    case "bridge":
    case "bridge_leave":
    case "hold":
    case "unhold":
      return recordWords[event](who);
    case "bridge_create":
    case "bridge_destroy":
    case "new_callerid":
      return recordWords[event];
    case "hangup":
      return recordWords.hangup(party, shortText(body, "Cause") || shortText(body, "HangupCause"));
    default:
      return recordWords.other(event);
  }
};

/** What was asked, without where the service is. */
const pathOf = (url: string): string => url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*(?=\/)/i, "");

/** One line for a record; texts in it come from outside and are escaped where they are shown. */
export const wordsOf = (record: StoredRecord, texts: Texts, zone: Zone): string => {
  const words = texts.recordWords;
  switch (record.kind) {
    case "AST": {
      const told = eventWords(record, texts, zone);
      return Object.hasOwn(record.body, "_raw") ? `${told} · ${words.salvaged}` : told;
    }
    case "TG": {
      const card = words.card(record.action, record.chatId, record.messageType);
      return record.text === "" ? card : `${card}: ${maskedText(record.text)}`;
    }
    case "HTTP":
      return words.request(
        `${record.method} ${pathOf(maskedText(record.url))}`,
        record.status === 0 ? words.noAnswer : String(record.status),
      );
    case "SQL":
      return words.sql;
  }
};
