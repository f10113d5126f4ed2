import { describe, expect, it } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { silentLog } from "../lib/log.ts";
import { type Folders, openFolders } from "./folders.ts";
import { followFolders } from "./follow.ts";

const NOW = Date.UTC(2025, 10, 30, 12);
const DAYS = ["2024/02/03", "2025/11/30", "2025/11/29", "2025/09/01", "any"];

/** Folders in the order in which they are looked at, below the root; two readings, the second after a rest. */
const lookedAt = (maxBytes: number): Promise<string[][]> =>
  inTempDir(async (root) => {
    for (const day of DAYS) await mkdir(join(root, day), { recursive: true });
    const clock = { now: () => NOW };
    const inner = openFolders({ clock, log: silentLog });
    const passes: string[][] = [[]];
    const folders: Folders = {
      ...inner,
      bytes: () => inner.bytes(),
      look: (path) => {
        passes.at(-1)?.push(path.slice(root.length + 1));
        return inner.look(path);
      },
    };
    const rested = Promise.withResolvers<void>();
    const following = followFolders({
      roots: [root],
      folders,
      clock,
      log: silentLog,
      maxBytes,
      restMs: 1,
      after: (_, work) => {
        if (passes.length === 2) rested.resolve();
        else {
          passes.push([]);
          work();
        }
        return () => undefined;
      },
    });
    await following.isRead;
    await rested.promise;
    following.close();
    inner.close();
    return passes;
  });

describe("followFolders", () => {
  it("reads all once, the newest days first, then those of now", async () => {
    const [first, second] = await lookedAt(1024 * 1024);
    expect(first).toEqual([
      "",
      "2025",
      "2025/11",
      "2025/11/30",
      "2025/11/29",
      "2025/09",
      "2025/09/01",
      "2024",
      "2024/02",
      "2024/02/03",
      "any",
    ]);
    // A year that is another is looked at to see whether it is one.
    expect(second).toEqual(["", "2025", "2025/11", "2025/11/30", "2024", "any"]);
  });

  it("leaves room for what pages ask", async () => {
    const [first] = await lookedAt(1000);
    expect(first).toEqual(["", "2025"]);
  });
});
