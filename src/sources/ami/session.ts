// One connection to the manager interface, from its first byte to its last: banner, login, the channels there are, then
// events until it ends. Invariants: messages are handed on in the order of the stream, one batch at a time, and while the
// receiver is busy nothing is read; the secret is sent only where the peer knows no challenge; a peer that is silent is
// asked, and left when it does not answer. Connecting again is left to link.ts.

import { createHash } from "node:crypto";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Clock } from "../../lib/clock.ts";
import type { Scheduler } from "../../lib/scheduler.ts";
import type { AmiMessage, AmiReader } from "./types.ts";

/** Where an Asterisk's manager interface is, and who logs in there. */
export type AmiEndpoint = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly secret: string;
  readonly tls: boolean;
};

export type SessionOptions = {
  readonly endpoint: AmiEndpoint;
  readonly createReader: () => AmiReader;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Ends the session politely. */
  readonly signal: AbortSignal;
  /** The login was accepted. */
  readonly onLogin: () => void;
  /** Events in the order of the stream. No more is read before it resolves. */
  readonly onEvents: (events: readonly AmiMessage[], receivedAt: number) => Promise<void>;
  /** The channels there are now, asked for after each login; undefined where the user may not ask. */
  readonly onChannels: (
    channels: readonly AmiMessage[] | undefined,
    receivedAt: number,
  ) => Promise<void>;
};

export type SessionEnd = {
  /**
   * `refused`: the login was. `stranger`: what listens there is no manager interface. `lost`: everything that may pass by
   * itself. `stopped`: by the signal.
   */
  readonly kind: "refused" | "stranger" | "lost" | "stopped";
  readonly reason: string;
  /** When something was heard last, in milliseconds since the epoch; undefined where nothing was. */
  readonly heardAt: number | undefined;
};

/** Connecting, the banner, and each answer must come within this, in milliseconds. */
const STEP_MS = 10_000;
/** After so much silence the peer is asked whether it is still there, in milliseconds. */
const SILENT_MS = 15_000;
/** How long it has to answer, in milliseconds. */
const PONG_MS = 5_000;
/** Bytes that wait for the receiver before reading stops. */
const MAX_WAITING_BYTES = 256 * 1024;
const MAX_BANNER_BYTES = 256;
const MAX_CHANNELS = 100_000;
const MAX_BEHIND_LIST = 10_000;

const BANNER = /^Asterisk Call Manager\//;
const NEWLINE = 10;

const IDS = {
  challenge: "calllog-1",
  login: "calllog-2",
  channels: "calllog-3",
  ping: "calllog-4",
};

const actionText = (action: string, fields: Readonly<Record<string, string>>): string =>
  `Action: ${action}\r\n${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`;

/** Text of the peer's for a log: one line, not long. */
const shown = (text: string): string => text.replace(/\p{C}+/gu, " ").slice(0, 120);

const failureText = (error: NodeJS.ErrnoException): string =>
  error.code === "ECONNREFUSED" ? "nothing listens there" : error.message;

/** Runs a session to its end; never rejects. What a receiver throws ends it as `lost`. */
export const runSession = (options: SessionOptions): Promise<SessionEnd> => {
  const { endpoint, clock, scheduler, signal, onLogin, onEvents, onChannels } = options;
  const { host, port, user, secret } = endpoint;
  const reader = options.createReader();
  const ended = Promise.withResolvers<SessionEnd>();
  const socket: Socket = endpoint.tls
    ? connectTls({ host, port, servername: host })
    : connectTcp({ host, port });
  socket.setNoDelay(true);

  let step: "connect" | "banner" | "login" | "live" = "connect";
  let bannerBytes = new Uint8Array(0);
  let channels: AmiMessage[] | undefined;
  /** Events that came in between the channels of the list: they are newer than it. */
  let behindList: AmiMessage[] = [];
  let isOver = false;
  let heardAt: number | undefined;
  let callOff = (): void => undefined;

  const end = (kind: SessionEnd["kind"], reason: string): void => {
    if (isOver) return;
    isOver = true;
    callOff();
    signal.removeEventListener("abort", stop);
    socket.destroy();
    waiting = [];
    ended.resolve({ kind, reason, heardAt });
  };
  const send = (action: string, fields: Readonly<Record<string, string>> = {}): void => {
    socket.write(actionText(action, fields));
  };
  const stop = (): void => {
    if (step === "live") send("Logoff");
    socket.end();
    end("stopped", "");
  };
  const within = (ms: number, work: () => void): void => {
    callOff();
    callOff = scheduler.at(clock.now() + ms, work);
  };
  const expect = (what: string): void =>
    within(STEP_MS, () => end("lost", `${what} within ${STEP_MS / 1000} s`));

  const listen = (): void => {
    within(SILENT_MS, () => {
      // Whoever does not read hears nothing; that is no silence of the peer's.
      if (isBusy) return listen();
      send("Ping", { ActionID: IDS.ping });
      within(PONG_MS, () => {
        const silentMs = SILENT_MS + PONG_MS;
        if (isBusy) listen();
        else end("lost", `silent for ${silentMs / 1000} s, and no answer to a ping`);
      });
    });
  };

  const logIn = (key: Readonly<Record<string, string>>): void => {
    send("Login", { ActionID: IDS.login, Username: user, ...key, Events: "call" });
    expect("no answer to the login");
  };

  const onResponse = async (message: AmiMessage, at: number): Promise<void> => {
    const id = message.fields.get("ActionID");
    const isSuccess = message.response === "Success";
    if (step === "login" && id === IDS.challenge) {
      const challenge = message.fields.get("Challenge");
      if (!isSuccess || challenge === undefined) return logIn({ Secret: secret });
      const key = createHash("md5").update(challenge).update(secret).digest("hex");
      return logIn({ AuthType: "MD5", Key: key });
    }
    if (step === "login" && id === IDS.login) {
      if (!isSuccess) {
        return end("refused", shown(message.fields.get("Message") ?? "the login was refused"));
      }
      step = "live";
      onLogin();
      send("CoreShowChannels", { ActionID: IDS.channels });
      return listen();
    }
    if (step === "live" && id === IDS.channels) {
      if (isSuccess) channels = [];
      else await onChannels(undefined, at);
    }
  };

  const endList = async (at: number): Promise<void> => {
    channels = undefined;
    const newer = behindList;
    behindList = [];
    if (newer.length > 0) await onEvents(newer, at);
  };
  const onListEvent = async (message: AmiMessage, at: number): Promise<void> => {
    if (channels === undefined) return;
    if (message.event === "CoreShowChannel") {
      if (channels.length < MAX_CHANNELS) channels.push(message);
    } else if (message.event === "CoreShowChannelsComplete") {
      await onChannels(channels, at);
      await endList(at);
    }
  };

  /** The bytes behind the banner; undefined until it is whole. */
  const behindBanner = (bytes: Uint8Array): Uint8Array | undefined => {
    const joined = Buffer.concat([bannerBytes, bytes]);
    const lineEnd = joined.indexOf(NEWLINE);
    const line = joined.toString("latin1", 0, lineEnd === -1 ? MAX_BANNER_BYTES : lineEnd);
    if (lineEnd === -1 ? joined.length > MAX_BANNER_BYTES : !BANNER.test(line)) {
      end("stranger", "what listens there is no manager interface of Asterisk");
      return undefined;
    }
    if (lineEnd === -1) {
      bannerBytes = joined;
      return undefined;
    }
    step = "login";
    send("Challenge", { ActionID: IDS.challenge, AuthType: "MD5" });
    expect("no answer to the login");
    return joined.subarray(lineEnd + 1);
  };

  const take = async (bytes: Uint8Array, at: number): Promise<void> => {
    const rest = step === "banner" ? behindBanner(bytes) : bytes;
    if (rest === undefined) return;
    let events: AmiMessage[] = [];
    const handOn = async (): Promise<void> => {
      const batch = events;
      events = [];
      if (batch.length > 0) await onEvents(batch, at);
    };
    for (const message of reader.push(rest)) {
      if (isOver) return;
      if (message.event === "") {
        await handOn();
        await onResponse(message, at);
      } else if (message.fields.get("ActionID") === IDS.channels) {
        await handOn();
        await onListEvent(message, at);
      } else if (channels !== undefined) {
        behindList.push(message);
        // A list without an end.
        if (behindList.length > MAX_BEHIND_LIST) await endList(at);
      } else if (step === "live") {
        events.push(message);
      }
    }
    if (!isOver) await handOn();
  };

  let waiting: { readonly bytes: Uint8Array; readonly at: number }[] = [];
  let waitingBytes = 0;
  let isBusy = false;
  let closing: string | undefined;
  const work = async (): Promise<void> => {
    isBusy = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      waitingBytes -= next.bytes.length;
      await take(next.bytes, next.at);
      if (waitingBytes < MAX_WAITING_BYTES / 2 && socket.isPaused()) socket.resume();
    }
    isBusy = false;
    if (closing !== undefined) end("lost", closing);
  };

  socket.on("connect", () => {
    if (endpoint.tls) return;
    step = "banner";
    expect("no banner");
  });
  socket.on("secureConnect", () => {
    step = "banner";
    expect("no banner");
  });
  socket.on("data", (bytes: Buffer) => {
    if (isOver) return;
    if (step === "live") listen();
    heardAt = clock.now();
    waiting.push({ bytes, at: heardAt });
    waitingBytes += bytes.length;
    if (waitingBytes > MAX_WAITING_BYTES) socket.pause();
    if (!isBusy) work().catch((error: unknown) => end("lost", `a fault of ours: ${String(error)}`));
  });
  // What came before the end is dealt with first.
  const closed = (reason: string): void => {
    closing ??= reason;
    if (!isBusy) end("lost", closing);
  };
  socket.on("error", (error: NodeJS.ErrnoException) => closed(failureText(error)));
  socket.on("close", () => closed("the peer closed the connection"));
  signal.addEventListener("abort", stop, { once: true });
  expect("no connection");
  if (signal.aborted) stop();
  return ended.promise;
};
