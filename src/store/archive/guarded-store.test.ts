// What stands between the archive and a store that fails: lists that break off are not taken for whole ones, and work that
// takes too long ends.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { type S3Server, startS3 } from "../../../tests/support/s3-server.ts";
import { createBreaker } from "../../lib/breaker.ts";
import { failureOf } from "../testing/archive-failure.ts";
import { openObjectStore } from "./address.ts";
import { type GuardOptions, guardedStore } from "./guarded-store.ts";
import type { ObjectStore } from "./object-store.ts";

let server: S3Server;
beforeEach(() => {
  server = startS3();
});
afterEach(() => server.stop());

const open = (more: Partial<GuardOptions> = {}): ObjectStore =>
  guardedStore(openObjectStore({ kind: "s3", bucket: "calls", prefix: "p" }, server.env), {
    timeoutMs: 5000,
    ...more,
  });

const keysOf = async (store: ObjectStore): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of store.list("")) keys.push(key);
  return keys;
};

describe("a list over several pages", () => {
  const names = Array.from({ length: 2500 }, (_, n) => `0367/k${String(n).padStart(4, "0")}`);
  beforeEach(() => {
    for (const name of names) server.objects.set(`p/${name}`, new Uint8Array(1));
  });
  const failAt = (...numbers: number[]): void => {
    let asked = 0;
    server.fault = () => (numbers.includes(asked++) ? { status: 500 } : undefined);
  };

  it.each([[0], [1], [2]])("is whole though request %i fails", async (number) => {
    failAt(number);
    expect(await keysOf(open({ attempts: 2 }))).toEqual(names);
  });

  it("fails, and does not end early, where the store goes on failing", async () => {
    failAt(1, 2, 3, 4);
    expect((await failureOf(keysOf(open({ attempts: 2 })))).code).toBe("away");
  });
});

describe("removing older versions", () => {
  const KEY = "p/0367/a.zst";
  const isDelete = ({ method }: { readonly method: string }): boolean => method === "DELETE";
  beforeEach(() => {
    server.objects.set(KEY, new Uint8Array(1));
    const old = Array.from({ length: 5 }, (_, n) => ({ id: `v${n}`, bytes: new Uint8Array(1) }));
    server.versions = new Map([[KEY, old]]);
  });
  const left = (): number => server.versions?.get(KEY)?.length ?? 0;

  it("ends with the request that takes too long: nothing goes on behind it", async () => {
    let removed = 0;
    const hang = Promise.withResolvers<void>();
    server.fault = (request) => {
      if (!isDelete(request) || removed < 2) return undefined;
      hang.resolve();
      return "hang";
    };
    const store = open({ timeoutMs: 60, attempts: 2 });
    const onRemoved = (): void => {
      removed += 1;
    };
    const failure = await failureOf(store.removeOlder("0367/a.", { onRemoved }));
    await hang.promise;
    expect(failure).toMatchObject({ code: "away", message: expect.stringContaining("in time") });
    const asked = server.requests.length;
    server.fault = () => undefined;
    // Whatever still went on would have its turns meanwhile.
    for (let turn = 0; turn < 20; turn += 1) await store.head("0367/none");
    expect({ removed, left: left(), more: server.requests.length - asked - 20 }).toEqual({
      removed: 2,
      left: 3,
      more: 0,
    });
  });

  it("asks once more where the store failed, and counts each version once", async () => {
    let asked = 0;
    server.fault = () => (asked++ % 3 === 2 ? { status: 503 } : undefined);
    let removed = 0;
    const onRemoved = (): void => {
      removed += 1;
    };
    expect(await open({ attempts: 2 }).removeOlder("0367/a.", { onRemoved })).toBe(5);
    expect({ removed, left: left() }).toEqual({ removed: 5, left: 0 });
  });

  it("takes a store without versions for one that answered", async () => {
    server.versions = undefined;
    const breaker = createBreaker({ clock: { now: () => 0 }, firstPauseMs: 1000, trialMs: 500 });
    const failure = await failureOf(open({ breaker, attempts: 2 }).removeOlder("0367/a."));
    expect(failure).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("501 NotImplemented; the store keeps no versions"),
    });
    expect({ isOpen: breaker.isOpen(), asked: server.requests.length }).toEqual({
      isOpen: false,
      asked: 1,
    });
  });

  it("is done where a version is gone already", async () => {
    server.fault = (request) =>
      isDelete(request) ? { status: 404, code: "NoSuchVersion" } : undefined;
    expect(await open().removeOlder("0367/a.")).toBe(5);
  });
});

describe("what an operator is told", () => {
  it.each([
    ["AWS_ACCESS_KEY_ID", "another", "look at AWS_ACCESS_KEY_ID"],
    ["AWS_SECRET_ACCESS_KEY", "another", "look at AWS_SECRET_ACCESS_KEY"],
    ["AWS_REGION", "eu-north-1", "look at AWS_REGION"],
  ])("a wrong %s is named, and is a refusal", async (name, value, todo) => {
    const env = { ...server.env, [name]: value };
    const store = openObjectStore({ kind: "s3", bucket: "calls", prefix: "p" }, env);
    for (const work of [() => keysOf(store), () => store.removeOlder("0367/a.")])
      expect(await failureOf(work())).toMatchObject({
        code: "denied",
        message: expect.stringContaining(todo),
      });
  });

  it("a clock that is off, and a bucket that is not there, are named", async () => {
    server.now = () => Date.now() + 3_600_000;
    for (const work of [() => keysOf(open()), () => open().removeOlder("0367/a.")])
      expect((await failureOf(work())).message).toMatch(/RequestTimeTooSkewed; the clock of this/);
    const none = openObjectStore({ kind: "s3", bucket: "none", prefix: "" }, server.env);
    for (const work of [() => keysOf(none), () => none.removeOlder("0367/a.")])
      expect((await failureOf(work())).message).toMatch(/NoSuchBucket; there is no such bucket/);
  });

  it("rights that are missing for versions are named", async () => {
    server.fault = ({ query }) => (query.includes("versions") ? { status: 403 } : undefined);
    const failure = await failureOf(open().removeOlder("0367/a."));
    expect(failure).toMatchObject({ code: "denied" });
    expect(failure.message).toContain("s3:ListBucketVersions and s3:DeleteObjectVersion");
  });
});
