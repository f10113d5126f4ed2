import { expect, it } from "bun:test";
import { writeFully } from "./write-fully.ts";

const failing = (code: string): Error => Object.assign(new Error(code), { code });
const bytes = new Uint8Array(10);

it("goes on after short writes and passing interruptions", () => {
  const offsets: number[] = [];
  writeFully(bytes, (offset) => {
    offsets.push(offset);
    if (offsets.length === 2) throw failing("EINTR");
    return Math.min(4, bytes.length - offset);
  });
  expect(offsets).toEqual([0, 4, 4, 8]);
});

it("does not try for ever, and tells how far it came", () => {
  const progress = { done: 0 };
  let calls = 0;
  const stuck = (): void =>
    writeFully(
      bytes,
      () => {
        calls += 1;
        return calls === 1 ? 3 : 0;
      },
      progress,
    );
  expect(stuck).toThrow("no more bytes");
  expect([progress.done, calls]).toEqual([3, 12]);
});

it("passes a full disk on", () => {
  const full = (): void =>
    writeFully(bytes, () => {
      throw failing("ENOSPC");
    });
  expect(full).toThrow("ENOSPC");
});
