// Open pages over real HTTP and real files, while another log engine appends: who gets in, what comes, when it ends, and
// what it costs.

import { describe, expect, it } from "bun:test";
import { createHash } from "node:crypto";
import { openHistory } from "../../src/call/list/index.ts";
import { NO_NAMES } from "../../src/domain/names.ts";
import type { StoredRecord } from "../../src/domain/record.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import type { PageUpdate } from "../../src/pages/live-frame.ts";
import { CALL_TIMEOUT_MS, recordsOf } from "../support/calls.ts";
import type { EventReader } from "../support/event-stream.ts";
import { apply, ID, inLiveWorld, type LiveWorld, type Shown } from "./live-world.ts";

const call = { Phone: "375291112233", CallType: 0, Trunk: "mts" };
const bridge = { ...call, BridgeUniqueid: "b-1", CallerIDNum: "151", Channel: "PJSIP/151-1" };
const record = (event: string, body = {}, id = ID): StoredRecord =>
  recordsOf([[0, event, id, { ...call, ...body }]])[0] as StoredRecord;
const START = record("start");
const DIAL = record("dial", { Extensions: ["151"] });
const ANSWER = [
  record("bridge", bridge),
  record("bridge", { ...bridge, CallerIDNum: call.Phone, Channel: "PJSIP/mts-1" }),
];
const HANGUP = record("hangup", { CallStatus: "2", Extensions: ["151"] });

/** Reads until the page says so. */
const until = async (
  reader: EventReader,
  isThere: (shown: Shown) => boolean,
  from: Shown = {},
): Promise<Shown> => {
  let shown = from;
  while (!isThere(shown)) {
    const event = await reader.next();
    if (event?.event !== "call") throw new Error(`it ended with ${JSON.stringify(event)}`);
    shown = apply(shown, JSON.parse(event.data) as PageUpdate);
  }
  return shown;
};
const hasRows =
  (count: number) =>
  ({ records = [] }: Shown): boolean =>
    records.length >= count;
const versionIn = (page: string): string => /data-live="([^"]+)"/.exec(page)?.[1] ?? "";

/** Waits for what real time alone brings: a closed connection, a turn of the event loop. */
const eventually = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await Bun.sleep(1);
};

describe("the page of a missed call", () => {
  it("stays open while nobody has called back, and then says who did", async () => {
    const closing: { close(): Promise<void> }[] = [];
    const withList = (dir: string, clock: Clock) => {
      const history = openHistory({ dir, clock, callTimeoutMs: CALL_TIMEOUT_MS, log: silentLog });
      closing.push(history);
      return { history };
    };
    await inLiveWorld(async ({ append, open, page, time }) => {
      await append(START, DIAL, record("hangup", { CallStatus: "0", Extensions: ["151"] }));
      time.set(time.now() + 60_000);
      const text = await page();
      expect(text).toContain("Ещё не перезвонили");
      const reader = await open(`&since=${versionIn(text)}`);
      const other = "1795000000.7";
      const out = { CallType: 1, Extensions: ["152"] };
      await append(record("dial", out, other));
      time.set(time.now() + 5000);
      const says =
        (words: string) =>
        ({ summary = "" }: Shown): boolean =>
          String(summary).includes(words);
      const calling = await until(reader, says("Перезванивает 152"));
      const talk = {
        ...bridge,
        ...out,
        BridgeUniqueid: "b-2",
        CallerIDNum: "152",
        Channel: "PJSIP/152-2",
      };
      await append(record("bridge", talk, other));
      time.set(time.now() + 65_000);
      await append(
        record("bridge_leave", talk, other),
        record("hangup", { ...out, CallStatus: "2" }, other),
      );
      time.set(time.now() + 5000);
      await until(reader, says("Перезвонил(а) 152"), calling);
      reader.leave();
      for (const history of closing) await history.close();
    }, withList);
  });
});

describe("the page of a call that goes on", () => {
  it("has the script that its policy allows, and loads itself again without one", async () => {
    await inLiveWorld(async ({ append, page, base, secret }) => {
      await append(START);
      const text = await page("&lang=en");
      const script = /<script>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? "";
      const hash = createHash("sha256").update(script).digest("base64");
      const { headers } = await fetch(`${base}/call/0367/${ID}?token=${secret}`);
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toContain(`script-src 'sha256-${hash}'`);
      expect(policy).toContain("connect-src 'self'");
      expect(policy).not.toContain("unsafe");
      expect(Buffer.byteLength(script)).toBeLessThanOrEqual(2048);
      expect(text).toContain('<noscript><meta http-equiv="refresh" content="5"');
      expect(versionIn(text)).toMatch(/^1\.[\w-]{8}\.[\w-]+$/);
      expect(text).not.toContain(secret);
    });
  });

  it("is followed for its final cards when the call has ended, and then no more", async () => {
    await inLiveWorld(async ({ append, page, time }) => {
      await append(START, DIAL, ...ANSWER, HANGUP);
      time.set(time.now() + 14_999);
      expect(versionIn(await page())).not.toBe("");
      time.set(time.now() + 1);
      const text = await page();
      for (const part of ["<script", "data-live", "http-equiv"]) expect(text).not.toContain(part);
    });
  });
});

describe("GET /call/{enterprise}/{unique_id}/live", () => {
  it("tells what another process appends, and only what changed", async () => {
    await inLiveWorld(async ({ append, page, open }) => {
      await append(START);
      const version = versionIn(await page());
      const reader = await open(`&since=${version}`);
      expect(reader.response.headers.get("content-type")).toStartWith("text/event-stream");
      expect(reader.response.headers.get("cache-control")).toBe("private, no-store");
      await append(DIAL);
      const event = await reader.next();
      const update = JSON.parse(event?.data ?? "") as PageUpdate;
      expect(update.records).toHaveLength(1);
      expect(update.records?.[0]).toContain('id="record-2"');
      expect(update.sections?.["summary"]).toBeString();
      expect(update.replaced ?? update.title ?? update.footer ?? update.status).toBeUndefined();
      expect(event?.id).toStartWith("2.");
    });
  });

  it("goes on where the connection was lost, in another process, too: nothing twice", async () => {
    let id: string | undefined;
    let shown: Shown = {};
    const whole = [START, DIAL, ...ANSWER];
    await inLiveWorld(async ({ append, open }) => {
      await append(...whole.slice(0, 2));
      const reader = await open();
      const first = await reader.next();
      id = first?.id;
      shown = apply({}, JSON.parse(first?.data ?? "") as PageUpdate);
      expect(shown["records"]).toHaveLength(2);
    });
    await inLiveWorld(async ({ append, open }) => {
      await append(...whole);
      const reader = await open("&since=nonsense", { "last-event-id": id ?? "" });
      const event = await reader.next();
      const update = JSON.parse(event?.data ?? "") as PageUpdate;
      expect(update.records).toHaveLength(2);
      expect(update.replaced).toBeUndefined();
      const everything = await until(await open(), hasRows(4));
      expect(apply(shown, update)).toEqual(everything);
    });
  });

  it("sends everything to whoever has something unknown", async () => {
    await inLiveWorld(async ({ append, open }) => {
      await append(START, DIAL);
      const everything = await until(await open(), hasRows(2));
      for (const since of ["", "0", "2.aaaaaaaa.bbbbbbbb", "%00", "9".repeat(4000), "💣"]) {
        const reader = await open(`&since=${encodeURIComponent(since)}`);
        expect(await until(reader, hasRows(2))).toEqual(everything);
      }
    });
  });

  it("moves the times that run, in the reader's language", async () => {
    await inLiveWorld(async ({ append, open, time }) => {
      await append(START, DIAL, ...ANSWER);
      const reader = await open("&lang=en");
      const shown = await until(reader, hasRows(4));
      expect(shown["status"]).toBe("Talking");
      time.set(time.now() + 5000);
      const { data = "" } = (await reader.next()) ?? {};
      const update = JSON.parse(data) as PageUpdate;
      expect(update.sections?.["summary"]).toContain("0:05");
      expect(update.records ?? update.replaced ?? update.status).toBeUndefined();
    });
  });

  it("ends 15 s after the last record of a call that is over, and stays away from then on", async () => {
    await inLiveWorld(async ({ append, open, page, time, streams, followed }) => {
      await append(START, DIAL, ...ANSWER);
      const reader = await open(`&since=${versionIn(await page())}`);
      await append(HANGUP);
      const shown = await until(reader, (now) => now["status"] === "Отвечен");
      time.set(time.now() + 10_000);
      const card = { kind: "TG", action: "send", chatId: "1", messageType: "hangup" } as const;
      const sent = { ...card, messageId: 7, uniqueId: ID, text: "card", at: 0, raw: "" };
      await append(sent);
      await until(reader, hasRows(2), shown);
      time.set(time.now() + 14_000);
      expect(streams()).toBe(1);
      time.set(time.now() + 1000);
      let event = await reader.next();
      let last: string | undefined;
      for (; event?.event === "call"; event = await reader.next()) last = event.id ?? last;
      expect(event).toMatchObject({ event: "end", data: "over" });
      const version = event?.id ?? "";
      expect(last === undefined || last === version).toBe(true);
      expect(await reader.next()).toBeUndefined();
      expect([streams(), followed()]).toEqual([0, 0]);

      // A reader that comes by itself again, one that never had anything, one that slept through the end.
      expect((await open("", { "last-event-id": version })).response.status).toBe(204);
      expect((await open()).response.status).toBe(204);
      const sleeper = await open("&since=1.aaaaaaaa.bbbbbbbb");
      await until(sleeper, hasRows(6));
      expect(await sleeper.next()).toMatchObject({ event: "end", data: "over" });
      expect(await sleeper.next()).toBeUndefined();
      expect([streams(), followed()]).toEqual([0, 0]);
    });
  });

  it("follows both calls when two prove to be one", async () => {
    await inLiveWorld(async ({ append, open, reads }) => {
      const other = `${ID}5`;
      await append(START, record("start", { CallType: 2, Phone: "151" }, other));
      const reader = await open();
      let shown = await until(reader, hasRows(1));
      expect(shown["footer"]).not.toContain(other);
      await append(record("bridge", { ...bridge, BridgeUniqueid: "b-2" }, other));
      expect(reads()).toBe(1);
      await append(record("bridge", { ...bridge, Linkedid: ID }, other));
      shown = await until(reader, hasRows(4), shown);
      expect(shown["footer"]).toContain(other);
      await append(record("bridge_leave", bridge, other));
      await until(reader, hasRows(5), shown);
    });
  });

  it("answers like the page to whoever may not see the call, always in JSON", async () => {
    await inLiveWorld(async ({ open, append, link, enterprise, directory, time, streams }) => {
      await append(START);
      const cases: readonly [path: string, status: number, code: string][] = [
        [`/call/0367/${ID}/live`, 403, "forbidden"],
        [`/call/0367/${ID}/live?token=nope`, 403, "forbidden"],
        [(await link(ID, 60_000)).replace(ID, `${ID}5`), 403, "forbidden"],
        [await link(ID, -1), 403, "forbidden"],
        [await link("9.9", 60_000), 404, "not_found"],
        ["/call/03.67/1.1/live", 400, "bad_request"],
        ["/call/0367/1%0A1/live", 400, "bad_request"],
        ["/call/0367/%zz/live", 400, "bad_request"],
      ];
      for (const [path, status, code] of cases) {
        const { response } = await open(path);
        const body = await response.json();
        expect({ path, status: response.status, code: body.error.code }).toEqual({
          path,
          status,
          code,
        });
      }
      const good = await link(ID, 60_000);
      expect((await open(good)).response.status).toBe(200);
      directory.isDown = true;
      const { status, headers } = (await open(good)).response;
      expect([status, headers.get("retry-after")]).toEqual([503, "30"]);
      directory.isDown = false;
      enterprise.active = false;
      expect((await open(good)).response.status).toBe(403);
      expect(streams()).toBe(1);
      time.set(time.now() + 1);
    });
  });

  it("beats while nothing happens; a directory that is away shuts nobody out", async () => {
    await inLiveWorld(async ({ open, append, time, directory, reads }) => {
      await append(START, DIAL, ...ANSWER, HANGUP);
      time.set(time.now() + 1);
      const reader = await open();
      await until(reader, hasRows(5));
      // Keeps the call followed, and what it shows unchanged.
      const hold = { kind: "TG", action: "delete", chatId: "1", messageType: "dial" } as const;
      directory.isDown = true;
      for (let beat = 1; beat <= 4; beat++) {
        await append({ ...hold, messageId: beat, uniqueId: ID, text: "", at: 0, raw: "" });
        await until(reader, hasRows(1));
        const before = reads();
        time.set(time.now() + 14_000);
        await append({ ...hold, messageId: beat, uniqueId: ID, text: "", at: 0, raw: "" });
        await eventually(() => reads() > before);
        time.set(time.now() + 1000);
        let event = await reader.nextOrBeat();
        while (event?.event === "call") event = await reader.nextOrBeat();
        expect(event?.event).toBe("beat");
      }
    });
  });

  const CLOSERS: readonly [name: string, close: (world: LiveWorld) => void][] = [
    [
      "the secret was changed",
      ({ enterprise }) => {
        enterprise.secret = "another-secret-of-the-enterprise";
      },
    ],
    [
      "the enterprise was switched off",
      ({ enterprise }) => {
        enterprise.active = false;
      },
    ],
    ["the link has expired", ({ time }) => time.set(time.now() + 30_000)],
  ];
  for (const [name, close] of CLOSERS) {
    it(`closes at the next beat when ${name}`, async () => {
      await inLiveWorld(async (world) => {
        await world.append(START);
        const reader = await world.open(await world.link(ID, 20_000));
        await until(reader, hasRows(1));
        close(world);
        world.time.set(world.time.now() + 15_000);
        let event = await reader.next();
        while (event?.event === "call") event = await reader.next();
        expect(event).toMatchObject({ event: "end", data: "refused" });
        expect(await reader.next()).toBeUndefined();
        expect([world.streams(), world.followed()]).toEqual([0, 0]);
      });
    });
  }

  it("lets go of its readers at once when the service stops", async () => {
    await inLiveWorld(async ({ append, open, stopping, streams, followed }) => {
      await append(START);
      const readers = await Promise.all([open(), open(), open("&lang=en")]);
      await Promise.all(readers.map((reader) => until(reader, hasRows(1))));
      stopping.abort();
      for (const reader of readers) expect(await reader.next()).toBeUndefined();
      expect([streams(), followed()]).toEqual([0, 0]);
      expect((await open()).response.status).toBe(503);
    });
  });

  it("shows numbers at once and names when they come", async () => {
    const names = Promise.withResolvers<void>();
    const late = async () => {
      await names.promise;
      return { ...NO_NAMES, managers: new Map([["151", "Анна Сидорова"]]) };
    };
    await inLiveWorld(
      async ({ append, open, log }) => {
        await append(START, DIAL);
        const reader = await open();
        const shown = await until(reader, hasRows(2));
        expect(JSON.stringify(shown)).not.toContain("Анна");
        names.resolve();
        await until(reader, (now) => JSON.stringify(now).includes("Анна Сидорова"), shown);
        expect(log).toEqual([]);
      },
      { names: late },
    );
  });
});

describe("many open pages", () => {
  it("cost one reading a burst and one subscription, in whatever language they are", async () => {
    await inLiveWorld(async ({ append, open, reads, followed }) => {
      await append(START);
      const opened = Array.from({ length: 200 }, (_, index) =>
        open(index % 2 === 0 ? "" : "&lang=en"),
      );
      const readers = await Promise.all(opened);
      await Promise.all(readers.map((reader) => until(reader, hasRows(1))));
      expect([reads(), followed()]).toEqual([1, 1]);
      // Of another call: nothing is read.
      await append(record("start", {}, `${ID}9`));
      await append(DIAL, ...ANSWER);
      const shown = await Promise.all(readers.map((reader) => until(reader, hasRows(3))));
      expect(shown.every(({ records = [] }) => records.length === 3)).toBe(true);
      // Each line is an append of its own: at most one reading for each.
      expect(reads()).toBeLessThanOrEqual(1 + 3);
      for (const reader of readers) reader.leave();
    });
  });

  it("leave nothing behind: 500 come and go", async () => {
    await inLiveWorld(async ({ append, open, streams, followed, reads, time }) => {
      await append(START);
      for (let round = 0; round < 5; round++) {
        const readers = await Promise.all(Array.from({ length: 100 }, () => open()));
        await Promise.all(readers.map((reader) => until(reader, hasRows(1))));
        expect([streams(), followed()]).toEqual([100, 1]);
        for (const reader of readers) reader.leave();
        await eventually(() => streams() === 0);
        expect(followed()).toBe(0);
      }
      expect(time.nextAt()).toBe(Number.POSITIVE_INFINITY);
      const before = reads();
      await append(DIAL);
      const reader = await open();
      await until(reader, hasRows(2));
      expect(reads()).toBe(before + 1);
    });
  });

  it("are at most a thousand; the next is asked to come again", async () => {
    await inLiveWorld(async ({ append, handle, streams }) => {
      await append(START);
      const answers = await Promise.all(Array.from({ length: 1000 }, handle));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      const refused = await handle();
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "30"]);
      expect((await refused.json()).error.code).toBe("too_many_streams");
      await answers[0]?.body?.cancel();
      expect(streams()).toBe(999);
      expect((await handle()).status).toBe(200);
    });
  });
});
