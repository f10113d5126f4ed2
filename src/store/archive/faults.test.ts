// What goes wrong between us and the store, and with what lies in it: nothing is lost, nothing half or wrong is served.

import { describe, expect, it } from "bun:test";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { makeVariedTree } from "../../../scripts/bench/trees.ts";
import type { S3Fault } from "../../../tests/support/s3-server.ts";
import { DAY_MS } from "../../lib/time.ts";
import { finishedName } from "../format/files.ts";
import { openTraceReader } from "../index.ts";
import { type ArchivedWorld, archivedWorld, TODAY } from "../testing/archived.ts";
import { hasSmallDisk, mountSmall, unmount } from "../testing/small-disk.ts";
import { naiveFind, putFiles, tempFolder } from "../testing/temp-store.ts";
import { ArchiveError } from "./index.ts";

const FIRST = TODAY - 22;

const finishedIn = (dir: string): string[] =>
  readdirSync(join(dir, "0367"))
    .filter((name) => /^events\.log\.\d/.test(name))
    .sort();

/** Two finished days and the running one, and a unique id of the first with its lines. */
const world = () => {
  const dir = tempFolder();
  makeVariedTree(dir, 3, 0.4, FIRST + 2);
  const text = readFileSync(join(dir, "0367", finishedName(FIRST)), "utf8");
  const id = /\|hangup\|(\d{10}\.\d+)\|/.exec(text)?.[1] ?? "";
  const expected = naiveFind(dir, "0367", [`id:${id}`]).map(({ raw }) => raw);
  return { ...archivedWorld({ dir }), id, expected };
};

/** Looks with nothing in memory and nothing on the disk but the ledger. */
const lookAnew = async (
  { dir, openAgain }: Pick<ArchivedWorld, "dir" | "openAgain">,
  id: string,
): Promise<string[]> => {
  rmSync(join(dir, ".archive/cache"), { recursive: true, force: true });
  const { records } = await openTraceReader(dir, openAgain()).find("0367", [`id:${id}`]);
  return records.map(({ raw }) => raw);
};

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "answered",
    (error: unknown) => (error instanceof ArchiveError ? error.code : String(error)),
  );

describe("reading from an archive", () => {
  it("answers in spite of failures now and then", async () => {
    const { server, keeper, id, expected, ...rest } = world();
    await keeper.pass();
    let count = 0;
    server.fault = () => (count++ % 3 === 0 ? { status: 500 } : undefined);
    expect(await lookAnew(rest, id)).toEqual(expected);
  });

  it.each([
    ["500", { status: 500 }, "away"],
    ["403", { status: 403, code: "AccessDenied" }, "denied"],
    ["404 of what must be there", { status: 404, code: "NoSuchKey" }, "missing"],
    ["a cut body", "cut", "damaged"],
    ["wrong bytes", "wrong", "damaged"],
  ] as const satisfies readonly (readonly [string, S3Fault, string])[])(
    "gives no half call: %s",
    async (_, fault, code) => {
      const { server, keeper, id, expected, ...rest } = world();
      await keeper.pass();
      for (const kind of [".idx", ".zst"]) {
        server.fault = ({ method, key }) =>
          method === "GET" && key.endsWith(kind) ? fault : undefined;
        expect(await codeOf(lookAnew(rest, id))).toBe(code);
      }
      server.fault = () => undefined;
      expect(await lookAnew(rest, id)).toEqual(expected);
    },
  );

  it("takes no object of another day or enterprise for the day", async () => {
    const { server, keeper, id, ...rest } = world();
    await keeper.pass();
    const [own, other] = [FIRST, FIRST + 1].map((day) => `p/0367/${finishedName(day)}.idx`);
    server.objects.set(own ?? "", server.objects.get(other ?? "") ?? new Uint8Array());
    expect(await codeOf(lookAnew(rest, id))).toBe("damaged");
  });

  it("reads a day anew that was put anew since its index was kept", async () => {
    const { dir, server, keeper, id, expected, openAgain } = world();
    const name = finishedName(FIRST);
    const text = readFileSync(join(dir, "0367", name), "utf8");
    await keeper.pass();
    await openTraceReader(dir, openAgain()).find("0367", [`id:${id}`]);
    // Another folder put other lines there; this one has the old index on its disk.
    for (const ending of ["idx", "zst"]) server.objects.delete(`p/0367/${name}.${ending}`);
    const address = { kind: "s3", bucket: "calls", prefix: "p" } as const;
    const other = archivedWorld({ dir: tempFolder(), env: server.env, address });
    putFiles(other.dir, { [`0367/${name}`]: text.replaceAll("375295305942", "erased") });
    expect(await other.keeper.pass()).toMatchObject({ failure: undefined });
    const found = await openTraceReader(dir, openAgain()).find("0367", [`id:${id}`]);
    expect(found.records.map(({ raw }) => raw)).toEqual(
      expected.map((raw) => raw.replaceAll("375295305942", "erased")),
    );
  });

  it("serves without room for its cache, and keeps the cache within its room", async () => {
    const { dir, server, keeper, id, expected, openAgain } = world();
    await keeper.pass();
    rmSync(join(dir, ".archive/cache"), { recursive: true, force: true });
    // A file where the folder should be: nothing can be kept.
    writeFileSync(join(dir, ".archive/cache"), "");
    const faults: unknown[] = [];
    const reader = openTraceReader(dir, openAgain({ onCacheFault: (error) => faults.push(error) }));
    expect((await reader.find("0367", [`id:${id}`])).records.map(({ raw }) => raw)).toEqual(
      expected,
    );
    expect(faults.length).toBeGreaterThan(0);
    rmSync(join(dir, ".archive/cache"));
    const small = openAgain({ cacheBytes: 40_000 });
    for (const name of [FIRST, FIRST + 1].map(finishedName))
      await small.objects.head({ enterprise: "0367", name });
    const kept = readdirSync(join(dir, ".archive/cache/0367")).map(
      (name) => statSync(join(dir, ".archive/cache/0367", name)).size,
    );
    expect(kept.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(40_000);
    expect(server.requests.length).toBeGreaterThan(0);
  });

  it.skipIf(!hasSmallDisk())(
    "serves while the disk of its cache is really full, and keeps again when it is not",
    async () => {
      const { dir, keeper, id, expected, openAgain } = world();
      await keeper.pass();
      const cache = join(dir, ".archive/cache");
      rmSync(cache, { recursive: true, force: true });
      mkdirSync(cache, { recursive: true });
      mountSmall(cache);
      try {
        const filler = openSync(join(cache, "filler"), "w");
        const fill = (): void => {
          for (;;) if (writeSync(filler, Buffer.alloc(4096)) === 0) return;
        };
        expect(fill).toThrow("ENOSPC");
        closeSync(filler);
        const faults: unknown[] = [];
        const read = async (): Promise<string[]> => {
          const again = openAgain({ onCacheFault: (error) => faults.push(error) });
          const found = await openTraceReader(dir, again).find("0367", [`id:${id}`]);
          return found.records.map(({ raw }) => raw);
        };
        expect(await read()).toEqual(expected);
        expect(faults.map(String).join("\n")).toContain("ENOSPC");
        rmSync(join(cache, "filler"));
        faults.length = 0;
        expect(await read()).toEqual(expected);
        expect(faults).toEqual([]);
        expect(readdirSync(join(cache, "0367")).length).toBeGreaterThan(0);
      } finally {
        unmount(cache);
      }
    },
  );

  it("believes no damaged file of its cache", async () => {
    const { dir, keeper, id, expected, openAgain } = world();
    await keeper.pass();
    await openTraceReader(dir, openAgain()).find("0367", [`id:${id}`]);
    const folder = join(dir, ".archive/cache/0367");
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, name));
      writeFileSync(join(folder, name), bytes.fill(7, 40, 60));
    }
    const found = await openTraceReader(dir, openAgain()).find("0367", [`id:${id}`]);
    expect(found.records.map(({ raw }) => raw)).toEqual(expected);
  });
});

describe("bringing days into an archive", () => {
  it("loses no line, whatever fails and whenever", async () => {
    const fault = fc.constantFrom<S3Fault | undefined>(
      undefined,
      undefined,
      { status: 500 },
      { status: 403, code: "AccessDenied" },
      { status: 404, code: "NoSuchKey" },
      "cut",
      "wrong",
    );
    const dir = tempFolder();
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 12 }), async (faults) => {
        rmSync(dir, { recursive: true, force: true });
        mkdirSync(dir);
        makeVariedTree(dir, 3, 0.05, FIRST + 2);
        const text = finishedIn(dir).map((name) => readFileSync(join(dir, "0367", name), "utf8"));
        const { server, keeper, store, openAgain } = archivedWorld({ dir });
        for (let round = 0; round < 3; round += 1) {
          let count = 0;
          server.fault = () => faults[count++ % faults.length];
          await keeper.pass();
          await store.sweep();
          server.fault = () => undefined;
          // What is not here is in the archive, whole.
          for (const [index, day] of [FIRST, FIRST + 1].entries()) {
            const name = finishedName(day);
            if (existsSync(join(dir, "0367", name))) continue;
            const objects = server.objects.get(`p/0367/${name}.zst`) ?? new Uint8Array();
            const raw = Buffer.from(await Bun.zstdDecompress(new Uint8Array(objects)));
            expect(raw.toString("utf8") === text[index]).toBe(true);
            const head = await openAgain().objects.head({ enterprise: "0367", name });
            expect(head?.head.facts.bytes).toBe(raw.length);
          }
        }
        expect(await keeper.pass()).toMatchObject({ failure: undefined, waitingDays: 0 });
        expect(finishedIn(dir)).toEqual([]);
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it("uploads a day again that got more lines, and never a day over a longer one", async () => {
    const dir = tempFolder();
    makeVariedTree(dir, 2, 0.1, TODAY);
    const { keeper, server, archive } = archivedWorld({ dir });
    const path = join(dir, "0367", finishedName(TODAY - 1));
    await keeper.pass();
    const line = "2024-10-03 23:59:59,000|TG|delete|1|hangup|2|1.1|\n";
    appendFileSync(path, line);
    expect(await keeper.pass()).toMatchObject({ failure: undefined, uploadedDays: 2 });
    const { size } = statSync(path);
    expect(archive.days("0367").map(({ bytes }) => bytes)).toEqual([size]);
    const before = server.objects.get(`p/0367/${finishedName(TODAY - 1)}.zst`);
    // Somebody cut the file here: the archive holds what is gone.
    writeFileSync(path, readFileSync(path).subarray(0, size - 2 * line.length));
    const state = await keeper.pass();
    expect(state.failure).toContain("the archive holds another day under that name");
    expect(server.objects.get(`p/0367/${finishedName(TODAY - 1)}.zst`)).toBe(before);
  });

  it("keeps days where what is known of the archive cannot be written, and goes on when it can", async () => {
    const dir = tempFolder();
    makeVariedTree(dir, 3, 0.1, FIRST + 2);
    writeFileSync(join(dir, ".archive"), "in the way");
    const faults: unknown[] = [];
    const { keeper } = archivedWorld({ dir, onFault: (error) => faults.push(error) });
    expect((await keeper.pass()).failure).toBeDefined();
    expect(faults.length).toBe(1);
    expect(finishedIn(dir).length).toBe(2);
    rmSync(join(dir, ".archive"));
    expect(await keeper.pass()).toMatchObject({ failure: undefined, uploadedDays: 2 });
    expect(finishedIn(dir)).toEqual([]);
  });

  it("takes over what is there already, and lets go only of what it read back", async () => {
    const dir = tempFolder();
    makeVariedTree(dir, 3, 0.1, FIRST + 2);
    const made = archivedWorld({ dir });
    const copies = finishedIn(dir).map((name) => ({
      name,
      bytes: readFileSync(join(dir, "0367", name)),
    }));
    await made.keeper.pass();
    // The folder is restored from a copy, without what was known of the archive.
    rmSync(join(dir, ".archive"), { recursive: true });
    for (const { name, bytes } of copies) {
      writeFileSync(join(dir, "0367", name), bytes);
      utimesSync(join(dir, "0367", name), 1, 1);
    }
    const object = `p/0367/${finishedName(FIRST)}.zst`;
    made.server.objects.set(object, new Uint8Array(10));
    const puts = (): string[] =>
      made.server.requests.filter(({ method }) => method === "PUT").map(({ key }) => key);
    made.server.requests.length = 0;
    expect(await made.keeper.pass()).toMatchObject({ failure: undefined, keptBeyond: 0 });
    // The damaged day was put again, the other one was not.
    expect([...new Set(puts())].every((key) => key.includes(finishedName(FIRST)))).toBe(true);
    expect(made.server.objects.get(object)?.length).toBeGreaterThan(10);
  });

  it("looks once more before a day leaves the disk, and keeps it where the archive lost it", async () => {
    const dir = tempFolder();
    makeVariedTree(dir, 2, 0.1, TODAY);
    const { keeper, server, clock, store } = archivedWorld({ dir });
    await keeper.pass();
    server.objects.delete(`p/0367/${finishedName(TODAY - 1)}.zst`);
    clock.at += 15 * DAY_MS;
    await store.sweep();
    expect(finishedIn(dir).length).toBe(1);
    expect((await keeper.pass()).failure).toContain("is not there; it is uploaded again");
    expect(finishedIn(dir).length).toBe(1);
    expect(await keeper.pass()).toMatchObject({ failure: undefined, keptBeyond: 0 });
    expect(finishedIn(dir)).toEqual([]);
  });

  it("takes old days out, and asks for none of them to let them go from here", async () => {
    const dir = tempFolder();
    makeVariedTree(dir, 3, 0.1, TODAY);
    const { keeper, server, clock, archive } = archivedWorld({ dir, archiveDays: 30 });
    await keeper.pass();
    expect(archive.days("0367").length).toBe(2);
    await archive.objects.head({ enterprise: "0367", name: finishedName(TODAY - 2) });
    const cached = (): string[] => readdirSync(join(dir, ".archive/cache/0367"));
    expect(cached().length).toBe(1);
    clock.at += 30 * DAY_MS;
    expect(await keeper.pass()).toMatchObject({ failure: undefined, waitingDays: 0 });
    expect(archive.days("0367")).toEqual([]);
    expect([...server.objects.keys()]).toEqual([]);
    expect(cached()).toEqual([]);
    expect(finishedIn(dir)).toEqual([]);
  });
});
