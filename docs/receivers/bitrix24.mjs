// Calls into Bitrix24, by an incoming webhook of it with the right `telephony`:
//   CALLLOG_SECRET=whsec_… BITRIX24_URL=https://acme.bitrix24.ru/rest/1/KEY/ BITRIX24_USER=1 node bitrix24.mjs
// A call is registered and finished at its end. Bitrix24 gives a second register with the same numbers the id of the first
// until that is finished (within 30 minutes), so both are done in one go, one call of a number after another.

import { createReceiver } from "./receiver.mjs";

const STATUS_CODES = {
  answered: "200",
  missed: "304",
  cancelled: "304",
  busy: "486",
  failed: "480",
};

/** @param user who answers for calls that nobody of ours took: a user's id in Bitrix24 */
export const createBitrix24 = ({ url, user, fetch = globalThis.fetch }) => {
  const ask = async (method, params) => {
    const response = await fetch(new URL(`${method}.json`, url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(params),
    });
    const body = await response.json().catch(() => ({}));
    if (!response.ok || body.error) {
      throw new Error(
        `Bitrix24 refuses ${method}: ${response.status} ${body.error_description ?? body.error ?? ""}`,
      );
    }
    return body.result;
  };

  return async ({ type, data }) => {
    const isOutside = data.direction === "incoming" || data.direction === "outgoing";
    if (type !== "call.ended" || !isOutside || data.phone === null) return;
    const inner = data.answeredBy[0] ?? data.extensions[0];
    // Without an inner number Bitrix24 would look for people who have none.
    const who =
      inner && data.status === "answered" ? { USER_PHONE_INNER: inner } : { USER_ID: user };
    const { CALL_ID } = await ask("telephony.externalcall.register", {
      ...who,
      PHONE_NUMBER: data.phone,
      TYPE: data.direction === "outgoing" ? 1 : 2,
      CALL_START_DATE: data.startedAt,
      LINE_NUMBER: data.trunk ?? "",
      CRM_CREATE: 1,
      SHOW: 0,
    });
    await ask("telephony.externalcall.finish", {
      ...who,
      CALL_ID,
      DURATION: data.talkSeconds ?? 0,
      STATUS_CODE: STATUS_CODES[data.status] ?? "304",
      ADD_TO_CHAT: 0,
    });
  };
};

if (process.env.BITRIX24_URL) {
  const {
    CALLLOG_SECRET: secret,
    BITRIX24_URL: url,
    BITRIX24_USER: user = "1",
    PORT = "8080",
  } = process.env;
  createReceiver({ secret, take: createBitrix24({ url, user }) }).listen(Number(PORT));
}
