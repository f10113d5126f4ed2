// The streams as a socket may deliver them. Fed byte by byte, a reader has been cut at every byte of every stream at once.
// Cut in two at one byte, each half whole, would be quadratic for whole streams; a reader remembers nothing of messages that
// are over, so that the message cut is enough, with one before and one behind it. Of messages of one stream that have the
// same event and almost the same length one is cut so. Whole streams are cut in 200 random places each.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { createAmiReader } from "../../src/sources/ami/reader.ts";
import type { AmiMessage } from "../../src/sources/ami/types.ts";
import { readAll, recordedBlocks, recordedScenarios } from "../support/ami.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const streams = recordedScenarios().map((scenario) => {
  const blocks = recordedBlocks(scenario).map(({ text }) => encode(text));
  return { scenario, blocks, whole: new Uint8Array(Buffer.concat(blocks)) };
});

/** Messages as one text: cheap to compare a million times. */
const shown = (messages: readonly AmiMessage[]): string =>
  messages
    .map(({ event, response, fields }) =>
      [event, response, ...[...fields].map((pair) => pair.join("="))].join("\n"),
    )
    .join("\n\n");

const isSame = (own: readonly AmiMessage[], other: readonly AmiMessage[]): boolean =>
  own.length === other.length &&
  own.every(({ event, response, fields }, index) => {
    const its = other[index] as AmiMessage;
    if (event !== its.event || response !== its.response) return false;
    if (fields.size !== its.fields.size) return false;
    for (const [name, value] of fields) if (its.fields.get(name) !== value) return false;
    return true;
  });

const SHORT = encode("Event: Short\r\nA: 1\r\n\r\n");

const pushed = (chunks: readonly Uint8Array[]): AmiMessage[] => {
  const reader = createAmiReader();
  return chunks.flatMap((chunk) => reader.push(chunk));
};

describe("a stream cut at every byte gives the same messages", () => {
  for (const lineEnd of ["\r\n", "\n"]) {
    it(`fed byte by byte, lines ended by ${JSON.stringify(lineEnd)}`, () => {
      let bytes = 0;
      for (const { scenario, blocks } of streams) {
        const text = Buffer.concat(blocks).toString().replaceAll("\r\n", lineEnd);
        const whole = encode(text);
        const reader = createAmiReader();
        const messages: AmiMessage[] = [];
        for (let at = 0; at < whole.length; at++) {
          for (const message of reader.push(whole.subarray(at, at + 1))) messages.push(message);
        }
        bytes += whole.length;
        if (!isSame(messages, readAll(whole))) expect(scenario).toBe("equal");
        expect(messages).toHaveLength(blocks.length);
      }
      expect(bytes).toBeGreaterThan(2_000_000);
    }, 60_000);
  }

  it("in two, at every byte of every message", () => {
    let cuts = 0;
    const seen = new Set<string>();
    for (const { scenario, blocks } of streams) {
      blocks.forEach((block, index) => {
        const event = new TextDecoder().decode(block.subarray(0, block.indexOf(13)));
        const kind = `${scenario} ${event} ${Math.floor(block.length / 64)}`;
        // All of one stream, some of the others.
        if (scenario !== "in_ivr_only" && seen.has(kind)) return;
        seen.add(kind);
        const stream = new Uint8Array(Buffer.concat([SHORT, block, SHORT]));
        const whole = readAll(stream);
        for (let at = SHORT.length; at < stream.length; at++) {
          const cut = pushed([stream.subarray(0, at), stream.subarray(at)]);
          cuts++;
          if (!isSame(cut, whole)) expect(`${scenario} ${index} at ${at}`).toBe("equal");
        }
      });
    }
    expect(cuts).toBeGreaterThan(200_000);
  }, 120_000);

  it("in 200 random places of the whole stream", () => {
    for (const { scenario, whole } of streams) {
      const random = fc.sample(fc.nat(whole.length), { numRuns: 200, seed: 367 });
      const places = [0, ...random.sort((a, b) => a - b), whole.length];
      const chunks = places.slice(1).map((to, index) => whole.subarray(places[index], to));
      if (shown(pushed(chunks)) !== shown(readAll(whole))) expect(scenario).toBe("equal");
    }
  });
});

describe("whatever stands between messages", () => {
  // No garbage that is itself a message, nor one that runs on into the next message.
  const garbage = fc
    .uint8Array({ maxLength: 300 })
    .map((bytes) => Buffer.from(bytes))
    .filter((bytes) => !/(^|\n)(Event|Response):/.test(bytes.toString("latin1")))
    .map((bytes) => new Uint8Array(Buffer.concat([bytes, encode("\r\n\r\n")])));
  const blocks = streams.flatMap((stream) => stream.blocks.slice(0, 40));

  it("gives the messages and no other, however it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(blocks.length - 1), garbage), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }),
        (parts, sizes) => {
          const wanted = parts.map(([at]) => blocks[at] as Uint8Array);
          const stream = Buffer.concat(
            parts.flatMap(([at, between]) => [between, blocks[at] as Uint8Array]),
          );
          const chunks: Uint8Array[] = [];
          for (let from = 0, turn = 0; from < stream.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            chunks.push(stream.subarray(from, from + size));
            from += size;
          }
          expect(shown(pushed(chunks))).toBe(shown(readAll(new Uint8Array(Buffer.concat(wanted)))));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("never throws, and lets the next message through", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
        const reader = createAmiReader();
        for (const chunk of chunks) reader.push(chunk);
        const tail = reader.push(encode("\r\n\r\nEvent: Last\r\nA: 1\r\n\r\n"));
        expect(tail.at(-1)?.event).toBe("Last");
      }),
      { numRuns: 500 },
    );
  });
});
