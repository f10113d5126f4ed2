// A receiver of calllog's webhooks for Node 18 or newer, without packages: checks the signature, takes each message once, and
// hands it to `take`. What `take` throws is answered 500, and calllog tries again later.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

/** Older messages are refused: somebody may have kept one. In seconds. */
const MAX_AGE_SECONDS = 300;
/** Ids are remembered of this many messages. */
const MAX_SEEN = 10_000;

const isSigned = (secret, headers, body, now) => {
  const {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": given = "",
  } = headers;
  if (!id || Math.abs(now / 1000 - Number(timestamp)) > MAX_AGE_SECONDS) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const own = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
  // There are two signatures for a day after `calllog hook rotate`.
  return given.split(" ").some((one) => {
    const other = Buffer.from(one.replace(/^v1,/, ""), "base64");
    return one.startsWith("v1,") && other.length === own.length && timingSafeEqual(own, other);
  });
};

/** @param take gets the message: `type`, `timestamp`, `data`. Calls come in order, one message at a time for each. */
export const createReceiver = ({ secret, take, now = Date.now }) => {
  const seen = new Set();
  const lanes = new Map();

  const inTurn = (key, work) => {
    const turn = (lanes.get(key) ?? Promise.resolve()).catch(() => undefined).then(work);
    lanes.set(key, turn);
    const done = () => lanes.get(key) === turn && lanes.delete(key);
    turn.then(done, done);
    return turn;
  };

  const answer = async (request) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString("utf8");
    if (!isSigned(secret, request.headers, body, now())) return 401;
    const id = request.headers["webhook-id"];
    if (seen.has(id)) return 204;
    const message = JSON.parse(body);
    await inTurn(message.data.phone ?? message.data.uniqueId ?? id, () => take(message));
    seen.add(id);
    if (seen.size > MAX_SEEN) seen.delete(seen.values().next().value);
    return 204;
  };

  return createServer((request, response) => {
    void answer(request)
      .catch((error) => {
        console.error(String(error));
        return 500;
      })
      .then((status) => response.writeHead(status).end());
  });
};
