// A recorded stream of Asterisk's manager interface, played as if a PBX sent it now: a listener of this machine that lets
// anybody in. Times and unique ids are moved to the present, so that a second playing is another call. For the demo alone.

import { randomBytes } from "node:crypto";
import { createServer, type Socket } from "node:net";

export type AmiRecording = readonly {
  /** After the first event, in milliseconds. */
  readonly offsetMs: number;
  /** Lines as Asterisk sends them, without the empty line at the end. */
  readonly lines: readonly string[];
}[];

/** Reads `#@ EPOCH …` lines, each with an event behind it. @throws Error where there is none. */
export const readAmiRecording = (text: string): AmiRecording => {
  const blocks: { at: number; lines: string[] }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const at = /^#@ (\d+(?:\.\d+)?)/.exec(line)?.[1];
    if (at !== undefined) blocks.push({ at: Number(at) * 1000, lines: [] });
    else if (line !== "" && !line.startsWith("#")) blocks.at(-1)?.lines.push(line);
  }
  const events = blocks.filter(({ lines }) => lines[0]?.startsWith("Event:") === true);
  const [first] = events;
  if (first === undefined) {
    throw new Error("cannot play the recording: no event behind a line `#@ EPOCH` is in it");
  }
  return events.map(({ at, lines }) => ({ offsetMs: at - first.at, lines }));
};

/** Moves the times and the ids of a line by whole seconds. */
const moved = (line: string, shiftSeconds: number, run: string): string => {
  const [, name = "", value = ""] = /^([A-Za-z]+): (.*)$/.exec(line) ?? [];
  if (name === "Timestamp") return `${name}: ${(Number(value) + shiftSeconds).toFixed(6)}`;
  if (/^Bridge[A-Za-z]*Uniqueid$/i.test(name)) return `${name}: ${run}${value.slice(run.length)}`;
  if (!/(?:Uniqueid|Linkedid)$/i.test(name)) return line;
  return `${name}: ${value.replace(/(\d{9,10})(?=\.\d+$)/, (epoch) => String(Number(epoch) + shiftSeconds))}`;
};

const epochOf = ({ lines }: AmiRecording[number]): number | undefined => {
  const stamp = lines.find((line) => line.startsWith("Timestamp: "))?.slice("Timestamp: ".length);
  return stamp === undefined ? undefined : Number(stamp);
};

export type PlayedPbx = {
  readonly port: number;
  /** Resolves when the whole recording was sent. */
  readonly played: Promise<void>;
  stop(): void;
};

/** Plays the recording at its own speed to the first that logs in. @param now milliseconds since the epoch */
export const playAmi = async (recording: AmiRecording, now: () => number): Promise<PlayedPbx> => {
  const played = Promise.withResolvers<void>();
  const timers: ReturnType<typeof setTimeout>[] = [];
  const run = randomBytes(4).toString("hex");
  let hasBegun = false;

  const play = (socket: Socket): void => {
    if (hasBegun) return;
    hasBegun = true;
    const first = recording.map(epochOf).find((epoch) => epoch !== undefined) ?? now() / 1000;
    const shiftSeconds = Math.round(now() / 1000 - first);
    for (const { offsetMs, lines } of recording) {
      const text = lines.map((line) => `${moved(line, shiftSeconds, run)}\r\n`).join("");
      timers.push(setTimeout(() => socket.write(`${text}\r\n`), offsetMs));
    }
    timers.push(setTimeout(played.resolve, (recording.at(-1)?.offsetMs ?? 0) + 1));
  };

  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.write("Asterisk Call Manager/9.0.0\r\n");
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes.toString();
      const actions = text.split("\r\n\r\n");
      text = actions.pop() ?? "";
      for (const action of actions) {
        const id = /^ActionID: .*$/m.exec(action)?.[0].trim() ?? "ActionID: 0";
        socket.write(`Response: Success\r\n${id}\r\nChallenge: 1\r\n\r\n`);
        if (!action.startsWith("Action: CoreShowChannels")) continue;
        socket.write(`Event: CoreShowChannelsComplete\r\n${id}\r\nListItems: 0\r\n\r\n`);
        play(socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    played: played.promise,
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
      server.close();
    },
  };
};
