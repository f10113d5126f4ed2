// One suite over every kind of store: a folder, and S3 through Bun's client, against a server of ours that checks signatures
// and fails where it is told to, and against OpenStack Swift, which nobody wrote for us.

import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3_KEY_ID, type S3Server, startS3 } from "../../../tests/support/s3-server.ts";
import { noSwift, SWIFT_PAGE_KEYS, type Swift, startSwift } from "../../../tests/support/swift.ts";
import { createBreaker } from "../../lib/breaker.ts";
import { failureOf } from "../testing/archive-failure.ts";
import { openObjectStore } from "./address.ts";
import { guardedStore } from "./guarded-store.ts";
import type { ObjectStore } from "./object-store.ts";

let server: S3Server;
let dir: string;
beforeAll(() => {
  server = startS3();
  dir = mkdtempSync(join(tmpdir(), "calllog-archive-"));
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const collect = async (store: ObjectStore, prefix: string): Promise<string[]> => {
  const found: string[] = [];
  for await (const { key, bytes } of store.list(prefix)) found.push(`${key} ${bytes}`);
  return found;
};

/** What every kind of store does. @param pageKeys in a page of its listings */
const actsAsStore = (open: () => ObjectStore, pageKeys = 1000): void => {
  it("gives back what was put, whole and in parts", async () => {
    const store = open();
    await store.put("0367/a b+c.zst", bytes("0123456789"));
    expect(await store.get("0367/a b+c.zst")).toEqual(bytes("0123456789"));
    expect(await store.get("0367/a b+c.zst", { from: 2, to: 5 })).toEqual(bytes("234"));
    expect(await store.get("0367/a b+c.zst", { from: 8, to: 500 })).toEqual(bytes("89"));
    expect(await store.head("0367/a b+c.zst")).toEqual({ key: "0367/a b+c.zst", bytes: 10 });
  });

  it("says that there is nothing where nothing is", async () => {
    const store = open();
    expect(await store.get("0367/none")).toBeUndefined();
    expect(await store.get("0367/none", { from: 0, to: 9 })).toBeUndefined();
    expect(await store.head("0367/none")).toBeUndefined();
    await store.remove("0367/none");
    expect(await collect(store, "9999/")).toEqual([]);
  });

  it("puts one object in the place of another, and removes it", async () => {
    const store = open();
    await store.put("0368/x", bytes("old"));
    await store.put("0368/x", bytes("newer"));
    expect(await store.get("0368/x")).toEqual(bytes("newer"));
    await store.remove("0368/x");
    expect(await store.head("0368/x")).toBeUndefined();
  });

  it("lists what begins with a prefix, in order, over more than one page", async () => {
    const store = open();
    const names = Array.from(
      { length: pageKeys * 2 + 5 },
      (_, n) => `0369/k${String(n).padStart(4, "0")}`,
    );
    for (let from = 0; from < names.length; from += 50)
      await Promise.all(names.slice(from, from + 50).map((name) => store.put(name, bytes("x"))));
    await store.put("03690/other", bytes("x"));
    expect(await collect(store, "0369/")).toEqual(names.map((name) => `${name} 1`));
  });
};

describe("an object store in a folder", () => {
  actsAsStore(() => openObjectStore({ kind: "folder", path: dir }, {}));
});

const address = { kind: "s3", bucket: "calls", prefix: "some/prefix" } as const;

describe("an object store in S3", () => {
  actsAsStore(() => openObjectStore(address, server.env));
});

const withoutSwift = noSwift();
describe.skipIf(withoutSwift !== undefined)(
  `an object store in Swift${withoutSwift === undefined ? "" : `: ${withoutSwift}`}`,
  () => {
    let swift: Swift;
    let bucket: string;
    beforeAll(async () => {
      swift = await startSwift();
      bucket = await swift.addBucket();
    }, 60_000);
    afterAll(() => swift?.stop());
    const open = (): ObjectStore => openObjectStore({ ...address, bucket }, swift.env());

    actsAsStore(open, SWIFT_PAGE_KEYS);

    it("tells a refusal from a failure, and names neither key nor secret", async () => {
      const env = { ...swift.env(), AWS_SECRET_ACCESS_KEY: "another-secret" };
      const refused = await failureOf(openObjectStore({ ...address, bucket }, env).get("0367/a"));
      expect(refused).toMatchObject({ code: "denied" });
      expect(refused.message).toContain("SignatureDoesNotMatch");
      expect(refused.message).not.toContain("another-secret");
      const nowhere = openObjectStore({ ...address, bucket: "not-there" }, swift.env());
      for (const ask of [
        () => nowhere.get("0367/a"),
        () => nowhere.put("0367/a", bytes("x")),
        () => collect(nowhere, ""),
      ]) {
        const failure = await failureOf(ask());
        expect(failure).toMatchObject({ code: "away" });
        expect(failure.message).toContain("NoSuchBucket");
      }
    });

    it("removes older versions of objects, over more than one page, and no others", async () => {
      const versioned = await swift.addBucket({ isVersioned: true });
      const store = openObjectStore({ ...address, bucket: versioned }, swift.env());
      const turns = SWIFT_PAGE_KEYS / 2 + 1;
      for (let turn = 0; turn < turns; turn += 1) {
        for (const key of ["0367/a.zst", "0367/a.idx"]) await store.put(key, bytes(`${turn}`));
        if (turn < 3) await store.put("0367/b.zst", bytes(`${turn}`));
      }
      await store.remove("0367/a.idx");
      // All but the newest of one object, and every one of the object that is removed: the mark of that is its newest.
      expect(await store.removeOlder("0367/a.")).toBe(turns - 1 + turns);
      const left = await (await swift.ask("GET", `${versioned}?versions`)).text();
      const keys = [...left.matchAll(/<Key>some\/prefix\/([^<]*)</g)].map(([, key]) => key);
      expect(keys).toEqual(["0367/a.idx", "0367/a.zst", "0367/b.zst", "0367/b.zst", "0367/b.zst"]);
      expect(await store.get("0367/a.zst")).toEqual(bytes(`${turns - 1}`));
      expect(await store.removeOlder("0367/a.")).toBe(0);
    });
  },
);

describe("a folder as archive", () => {
  it("is away, not empty, where it is not mounted", async () => {
    const store = openObjectStore({ kind: "folder", path: join(dir, "not-there") }, {});
    for (const work of [
      () => store.get("0367/a"),
      () => store.head("0367/a"),
      () => store.put("0367/a", bytes("x")),
      () => collect(store, ""),
    ]) {
      expect((await failureOf(work())).code).toBe("away");
    }
  });
});

describe("an S3 store", () => {
  it("needs keys, and says so without showing any", () => {
    expect(() => openObjectStore({ kind: "s3", bucket: "calls", prefix: "" }, {})).toThrow(
      /AWS_ACCESS_KEY_ID.*must be set/,
    );
  });

  it("tells a refusal from a failure, and names neither key nor secret", async () => {
    const denied = openObjectStore(
      { kind: "s3", bucket: "calls", prefix: "p" },
      {
        ...server.env,
        AWS_SECRET_ACCESS_KEY: "another-secret",
      },
    );
    const refusal = await failureOf(denied.get("0367/a"));
    expect(refusal.code).toBe("denied");
    expect(refusal.message).not.toContain(S3_KEY_ID);
    expect(refusal.message).not.toContain("another-secret");
    const store = openObjectStore({ kind: "s3", bucket: "calls", prefix: "p" }, server.env);
    server.fault = () => ({ status: 500 });
    expect((await failureOf(store.get("0367/a"))).code).toBe("away");
    expect((await failureOf(store.put("0367/a", bytes("x")))).code).toBe("away");
    expect((await failureOf(collect(store, ""))).code).toBe("away");
    server.fault = () => undefined;
  });
});

describe("guardedStore", () => {
  it("answers in time where the store does not, and asks no more for a while", async () => {
    let now = 0;
    const breaker = createBreaker({ clock: { now: () => now }, firstPauseMs: 1000, trialMs: 500 });
    const slow = openObjectStore({ kind: "s3", bucket: "calls", prefix: "p" }, server.env);
    const store = guardedStore(slow, { timeoutMs: 40, breaker });
    server.fault = () => "hang";
    const part = { from: 0, to: 10 };
    expect((await failureOf(store.get("0367/a", part))).message).toContain("within 40 ms");
    const before = server.requests.length;
    expect((await failureOf(store.get("0367/a"))).code).toBe("away");
    expect(server.requests.length).toBe(before);
    server.fault = () => undefined;
    now = 1001;
    expect(await store.get("0367/a")).toBeUndefined();
  });
});

describe("older versions of objects", () => {
  it("are removed, those of other objects and the newest are not", async () => {
    const kept = startS3();
    kept.versions = new Map();
    try {
      const store = openObjectStore(address, kept.env);
      for (const text of ["one", "two", "three"]) {
        for (const key of ["0367/a.zst", "0367/a.idx", "0367/b.zst"])
          await store.put(key, bytes(text));
      }
      expect(await store.removeOlder("0367/a.")).toBe(4);
      const left = [...kept.versions].map(([key, own]) => `${key} ${own.length}`).sort();
      expect(left).toEqual([
        "some/prefix/0367/a.idx 0",
        "some/prefix/0367/a.zst 0",
        "some/prefix/0367/b.zst 2",
      ]);
      expect(await store.get("0367/a.zst")).toEqual(bytes("three"));
      expect(await store.removeOlder("0367/a.")).toBe(0);
    } finally {
      await kept.stop();
    }
  });

  it("are told where the store does not know them, or does not let us", async () => {
    const store = openObjectStore(address, server.env);
    expect((await failureOf(store.removeOlder("0367/"))).message).toContain("NotImplemented");
    const wrong = { ...server.env, AWS_SECRET_ACCESS_KEY: "another-secret-0123456789" };
    const denied = await failureOf(openObjectStore(address, wrong).removeOlder("0367/"));
    expect(denied).toMatchObject({ code: "denied" });
    expect(denied.message).toContain("s3:DeleteObjectVersion");
    expect(await openObjectStore({ kind: "folder", path: dir }, {}).removeOlder("0367/")).toBe(0);
  });
});
