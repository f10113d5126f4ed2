// A process that records calls as the service does, across a midnight of its own clock: `recorder.ts DIR CALLS FROM`.

import { openTraceStore } from "../../src/store/index.ts";
import { ENTERPRISE, plainCall } from "./days.ts";

const [dir = "", calls = "0", from = "0"] = process.argv.slice(2);
let now = Number(from);
const store = openTraceStore({ dir, clock: { now: () => now } });
for (let call = 0; call < Number(calls); call += 1) {
  const began = now;
  for (const { at, event, body } of plainCall(began, `${1795200000 + call}.${call}`)) {
    // A call goes on while the next ones begin.
    now = Math.max(now, began + Math.floor((at - began) / 50));
    await store.append(ENTERPRISE, {
      kind: "AST",
      event,
      uniqueId: String(body["UniqueId"]),
      body,
    });
  }
}
await store.close();
