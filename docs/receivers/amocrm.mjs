// Calls into amoCRM (Kommo), by a long-lived token of a private integration:
//   CALLLOG_SECRET=whsec_… AMOCRM_URL=https://acme.amocrm.ru AMOCRM_TOKEN=… node amocrm.mjs
// A call is added to the contact or company with its number; amoCRM has none of numbers that it does not know.

import { createReceiver } from "./receiver.mjs";

/** amoCRM's: 4 talked, 6 nobody reached, 7 busy. */
const CALL_STATUS = { answered: 4, busy: 7 };

export const createAmocrm = ({ url, token, fetch = globalThis.fetch }) => {
  return async ({ type, data }) => {
    const isOutside = data.direction === "incoming" || data.direction === "outgoing";
    if (type !== "call.ended" || !isOutside || data.phone === null) return;
    const response = await fetch(new URL("/api/v4/calls", url), {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify([
        {
          direction: data.direction === "outgoing" ? "outbound" : "inbound",
          // A repeat with the same one is the same call.
          uniq: data.uniqueId,
          duration: data.talkSeconds ?? 0,
          source: "calllog",
          phone: data.phone,
          link: data.page ?? "",
          call_status: CALL_STATUS[data.status] ?? 6,
          call_result: [...data.answeredBy].join(", "),
          created_at: Math.floor(Date.parse(data.startedAt) / 1000),
        },
      ]),
    });
    // A number that amoCRM does not know, or a call it has: to send it again would change nothing.
    if (response.ok || response.status === 400) return;
    throw new Error(`amoCRM refuses the call: ${response.status}`);
  };
};

if (process.env.AMOCRM_URL) {
  const {
    CALLLOG_SECRET: secret,
    AMOCRM_URL: url,
    AMOCRM_TOKEN: token,
    PORT = "8080",
  } = process.env;
  createReceiver({ secret, take: createAmocrm({ url, token }) }).listen(Number(PORT));
}
