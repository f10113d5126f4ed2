import { describe, expect, it } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { type ReplaceOptions, replaceFile, replaceFileAsync } from "./replace-file.ts";

type Replace = (path: string, text: string, options?: ReplaceOptions) => void | Promise<void>;

const WAYS: readonly [name: string, replace: Replace][] = [
  ["replaceFile", replaceFile],
  [
    "replaceFileAsync",
    (path, text, options) =>
      replaceFileAsync(
        path,
        [...text].map((letter) => new TextEncoder().encode(letter)),
        options,
      ),
  ],
];

for (const [name, replace] of WAYS) {
  describe(name, () => {
    it("replaces the whole content, for its owner alone unless told otherwise", () =>
      inTempDir(async (dir) => {
        const path = join(dir, "state.json");
        await replace(path, "a long first content");
        await replace(path, "second", { isDurable: true });
        expect(readFileSync(path, "utf8")).toBe("second");
        expect(statSync(path).mode & 0o777).toBe(0o600);
        await replace(path, "third", { mode: 0o640, aside: join(dir, "aside") });
        expect(statSync(path).mode & 0o777).toBe(0o640);
        expect(readdirSync(dir)).toEqual(["state.json"]);
      }));

    it("leaves the old content and nothing aside where it fails", () =>
      inTempDir(async (dir) => {
        const path = join(dir, "state.json");
        // A folder that has something in it cannot be renamed over.
        mkdirSync(join(path, "inside"), { recursive: true });
        const failing = (async () => replace(path, "new"))();
        expect(failing).rejects.toThrow();
        await failing.catch(() => undefined);
        expect(readdirSync(dir)).toEqual(["state.json"]);
        expect(readdirSync(path)).toEqual(["inside"]);
      }));
  });
}
