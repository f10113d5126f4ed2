// One reader's stream: what waits for a slow one, and how it ends.

import { describe, expect, it } from "bun:test";
import { createFrame, type Frame } from "./live-frame.ts";
import { openEventStream } from "./live-stream.ts";

/** A page whose one row is so long that two of them are more than may wait. */
const frameOf = (moment: number): Frame =>
  createFrame({
    lang: "en",
    title: `moment ${moment}`,
    status: "Ringing",
    recordsTitle: "1 record",
    sections: [],
    footer: "",
    records: [{ id: "r", html: `${moment}`.padEnd(50_000, ".") }],
  });

const open = (seen?: string) => {
  let ends = 0;
  const stream = openEventStream({
    seen,
    onEnd: () => {
      ends += 1;
    },
  });
  const reader = stream.body.getReader();
  const next = async (): Promise<string | undefined> => {
    const { value, done } = await reader.read();
    return done ? undefined : new TextDecoder().decode(value);
  };
  return { ...stream, reader, next, ends: () => ends };
};
const titleIn = (text: string | undefined): string => /moment \d+/.exec(text ?? "")?.[0] ?? "";

describe("a stream of events", () => {
  it("says hello at once, then each moment once to whoever waits for it", async () => {
    const { next, show } = open();
    expect(await next()).toBe("retry: 1000\n\n");
    const waiting = [next(), next()];
    show(frameOf(1), false);
    show(frameOf(1), false);
    show(frameOf(2), false);
    expect((await Promise.all(waiting)).map(titleIn)).toEqual(["moment 1", "moment 2"]);
  });

  it("holds back what a slow reader has no room for, and sends it the newest in its place", async () => {
    const { next, show } = open();
    for (let moment = 1; moment <= 1000; moment++) show(frameOf(moment), false);
    await next();
    const told = [titleIn(await next()), titleIn(await next()), titleIn(await next())];
    expect(told).toEqual(["moment 1", "moment 2", "moment 1000"]);
    let isIdle = true;
    void next().then(() => {
      isIdle = false;
    });
    await Promise.resolve();
    expect(isIdle).toBe(true);
  });

  it("sends a slow reader the last moment before it ends", async () => {
    const { next, show, ends } = open();
    for (let moment = 1; moment <= 9; moment++) show(frameOf(moment), moment === 9);
    expect(ends()).toBe(0);
    await next();
    const told: string[] = [];
    for (let text = await next(); text !== undefined; text = await next()) told.push(text);
    expect(told.map(titleIn)).toEqual(["moment 1", "moment 2", "moment 9", ""]);
    expect(told.at(-1)).toBe(`id: ${frameOf(9).version}\nevent: end\ndata: over\n\n`);
    expect(ends()).toBe(1);
  });

  it("tells nothing to whoever has it all", async () => {
    const { next, show } = open(frameOf(1).version);
    show(frameOf(1), true);
    await next();
    expect(await next()).toStartWith("id: ");
    expect(await next()).toBeUndefined();
  });

  it("gives up a reader that reads nothing for eight beats, not one that reads now and then", async () => {
    const { beat, show, ends, next } = open();
    for (const moment of [1, 2]) show(frameOf(moment), false);
    for (let count = 1; count <= 7; count++) beat();
    await next();
    await next();
    await next();
    beat();
    for (const moment of [3, 4]) show(frameOf(moment), false);
    for (let count = 1; count <= 7; count++) beat();
    expect(ends()).toBe(0);
    beat();
    expect(ends()).toBe(1);
  });

  it("ends once, whoever ends it and how often", async () => {
    const gone = open();
    await gone.reader.cancel();
    gone.show(frameOf(1), true);
    gone.beat();
    gone.dismiss();
    gone.close();
    expect(gone.ends()).toBe(1);
    const dismissed = open();
    dismissed.dismiss();
    dismissed.close();
    await dismissed.next();
    expect(await dismissed.next()).toBe("event: end\ndata: refused\n\n");
    expect(await dismissed.next()).toBeUndefined();
    expect(dismissed.ends()).toBe(1);
  });
});
