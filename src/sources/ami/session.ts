// One connection to the manager interface, from its first byte to its last: banner, login, the channels there are, then
// events until it ends. Invariants: messages are handed on in the order of the stream, one batch at a time, and reading
// pauses while the receiver is behind; the secret is sent in clear only where the peer knows no challenge; a silent peer is
// pinged, and left when it does not answer. Reconnecting is left to link.ts.

import { createHash } from "node:crypto";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls } from "node:tls";
import type { Clock } from "../../lib/clock.ts";
import { errorCode, errorText } from "../../lib/errors.ts";
import { NEWLINE } from "../../lib/newline.ts";
import { printable } from "../../lib/printable.ts";
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
  /** What the manager interface says it is: its version (`9.0.0`), which grows with Asterisk's. */
  readonly onBanner?: (version: string) => void;
  /** The login was accepted. */
  readonly onLogin: () => void;
  /** Commands of the console to be asked after the login, such as `manager show settings`; a user without the right is refused. */
  readonly asks?: readonly string[];
  /** What one of them was answered; undefined where it was refused. */
  readonly onAnswer?: (command: string, answer: string | undefined) => void;
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

const BANNER = /^Asterisk Call Manager\/([\w.-]{0,32})/;

/** Calls; and what tells how long Asterisk runs (`FullyBooted`), where the user may read that. */
const EVENTS = "call,system";

/** Before the number of a command that is asked. */
const ASK_ID = "calllog-ask-";

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

/** Characters of a text from elsewhere that a message quotes. */
const QUOTED_LENGTH = 120;

const failureText = (error: unknown): string =>
  errorCode(error) === "ECONNREFUSED" ? "nothing listens there" : errorText(error);

const connectTo = ({ host, port, tls }: AmiEndpoint): Socket =>
  tls
    ? connectTls({
        host,
        port,
        // RFC 6066, section 3: a server name is never an address.
        ...(isIP(host) === 0 ? { servername: host } : {}),
        checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
      })
    : connectTcp({ host, port });

type Banner =
  | { readonly kind: "incomplete" | "stranger" }
  | { readonly kind: "whole"; readonly version: string; readonly rest: Uint8Array };

/** Reads the line that a manager interface begins with. @param bytes everything so far */
const readBanner = (bytes: Buffer): Banner => {
  const lineEnd = bytes.indexOf(NEWLINE);
  const line = bytes.toString("latin1", 0, lineEnd === -1 ? MAX_BANNER_BYTES : lineEnd);
  if (lineEnd === -1) {
    return { kind: bytes.length > MAX_BANNER_BYTES ? "stranger" : "incomplete" };
  }
  const version = BANNER.exec(line)?.[1];
  return version === undefined
    ? { kind: "stranger" }
    : { kind: "whole", version, rest: bytes.subarray(lineEnd + 1) };
};

class Session {
  readonly #options: SessionOptions;
  readonly #reader: AmiReader;
  readonly #socket: Socket;
  readonly #ended = Promise.withResolvers<SessionEnd>();
  #step: "connect" | "banner" | "login" | "live" = "connect";
  #bannerBytes = Buffer.alloc(0);
  /** The list of channels while it comes; undefined before and after. */
  #channels: AmiMessage[] | undefined;
  /** Events that came in between the channels of the list: they are newer than it. */
  #behindList: AmiMessage[] = [];
  #heardAt: number | undefined;
  #isOver = false;
  #callOff = (): void => undefined;
  readonly #stop = (): void => {
    if (this.#step === "live") this.#send("Logoff");
    this.#socket.end();
    this.#end("stopped", "");
  };
  /** Bytes that wait for the receiver. */
  #waiting: { readonly bytes: Uint8Array; readonly at: number }[] = [];
  #waitingBytes = 0;
  #isBusy = false;
  /** Why the connection is closed; what came before is dealt with first. */
  #closing: string | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#reader = options.createReader();
    this.#socket = connectTo(options.endpoint);
    this.#listenTo(this.#socket);
    options.signal.addEventListener("abort", this.#stop, { once: true });
    this.#expect("no connection");
    if (options.signal.aborted) this.#stop();
  }

  get ended(): Promise<SessionEnd> {
    return this.#ended.promise;
  }

  #listenTo(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on(this.#options.endpoint.tls ? "secureConnect" : "connect", () => {
      this.#step = "banner";
      this.#expect("no banner");
    });
    socket.on("data", (bytes: Buffer) => this.#onData(bytes));
    socket.on("error", (error) => this.#close(failureText(error)));
    socket.on("close", () => this.#close("the peer closed the connection"));
  }

  #onData(bytes: Buffer): void {
    if (this.#isOver) return;
    if (this.#step === "live") this.#watchSilence();
    const at = this.#options.clock.now();
    this.#heardAt = at;
    this.#waiting.push({ bytes, at });
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#socket.pause();
    if (this.#isBusy) return;
    this.#work().catch((error: unknown) => this.#end("lost", `a fault of ours: ${String(error)}`));
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#waitingBytes -= next.bytes.length;
      await this.#take(next.bytes, next.at);
      if (this.#waitingBytes < MAX_WAITING_BYTES / 2 && this.#socket.isPaused()) {
        this.#socket.resume();
      }
    }
    this.#isBusy = false;
    if (this.#closing !== undefined) this.#end("lost", this.#closing);
  }

  async #take(bytes: Uint8Array, at: number): Promise<void> {
    const rest = this.#step === "banner" ? this.#behindBanner(bytes) : bytes;
    if (rest === undefined) return;
    let events: AmiMessage[] = [];
    const handOn = async (): Promise<void> => {
      const batch = events;
      events = [];
      if (batch.length > 0) await this.#options.onEvents(batch, at);
    };
    for (const message of this.#reader.push(rest)) {
      if (this.#isOver) return;
      if (message.event === "") {
        await handOn();
        await this.#onResponse(message, at);
      } else if (message.fields.get("ActionID") === IDS.channels) {
        await handOn();
        await this.#onListEvent(message, at);
      } else if (this.#channels !== undefined) {
        this.#behindList.push(message);
        // A list without an end.
        if (this.#behindList.length > MAX_BEHIND_LIST) await this.#endList(at);
      } else if (this.#step === "live") {
        events.push(message);
      }
    }
    if (!this.#isOver) await handOn();
  }

  /** The bytes behind the banner; undefined until it is whole. */
  #behindBanner(bytes: Uint8Array): Uint8Array | undefined {
    this.#bannerBytes = Buffer.concat([this.#bannerBytes, bytes]);
    const banner = readBanner(this.#bannerBytes);
    if (banner.kind === "stranger") {
      this.#end("stranger", "what listens there is no manager interface of Asterisk");
    }
    if (banner.kind !== "whole") return undefined;
    this.#options.onBanner?.(banner.version);
    this.#step = "login";
    this.#send("Challenge", { ActionID: IDS.challenge, AuthType: "MD5" });
    this.#expect("no answer to the login");
    return banner.rest;
  }

  /** Before Asterisk 14 the lines of an answer stand bare in the response (`Follows`), each like a header. */
  #onAnswered(command: string, { response, fields }: AmiMessage): void {
    const bare = [...fields].map(([name, value]) => `${name}: ${value}`).join("\n");
    const answer = response === "Follows" ? bare : fields.get("Output");
    this.#options.onAnswer?.(command, response === "Error" ? undefined : answer);
  }

  async #onResponse(message: AmiMessage, at: number): Promise<void> {
    const id = message.fields.get("ActionID");
    const isSuccess = message.response === "Success";
    const asked = id?.startsWith(ASK_ID)
      ? this.#options.asks?.[Number(id.slice(ASK_ID.length))]
      : undefined;
    if (asked !== undefined) this.#onAnswered(asked, message);
    if (this.#step === "login" && id === IDS.challenge) {
      this.#logIn(isSuccess ? message.fields.get("Challenge") : undefined);
    } else if (this.#step === "login" && id === IDS.login) {
      if (isSuccess) this.#goLive();
      else this.#refused(message.fields.get("Message") ?? "the login was refused");
    } else if (this.#step === "live" && id === IDS.channels) {
      if (isSuccess) this.#channels = [];
      else await this.#options.onChannels(undefined, at);
    }
  }

  /** @param challenge undefined where the peer knows none: then the secret is sent as it is */
  #logIn(challenge: string | undefined): void {
    const { user, secret } = this.#options.endpoint;
    const proof =
      challenge === undefined
        ? { Secret: secret }
        : {
            AuthType: "MD5",
            Key: createHash("md5").update(challenge).update(secret).digest("hex"),
          };
    this.#send("Login", { ActionID: IDS.login, Username: user, ...proof, Events: EVENTS });
    this.#expect("no answer to the login");
  }

  #refused(reason: string): void {
    this.#end("refused", printable(reason, QUOTED_LENGTH));
  }

  #goLive(): void {
    this.#step = "live";
    this.#options.onLogin();
    for (const [index, command] of (this.#options.asks ?? []).entries()) {
      this.#send("Command", { ActionID: `${ASK_ID}${index}`, Command: command });
    }
    this.#send("CoreShowChannels", { ActionID: IDS.channels });
    this.#watchSilence();
  }

  async #onListEvent(message: AmiMessage, at: number): Promise<void> {
    if (this.#channels === undefined) return;
    if (message.event === "CoreShowChannel") {
      if (this.#channels.length < MAX_CHANNELS) this.#channels.push(message);
    } else if (message.event === "CoreShowChannelsComplete") {
      await this.#options.onChannels(this.#channels, at);
      await this.#endList(at);
    }
  }

  async #endList(at: number): Promise<void> {
    this.#channels = undefined;
    const newer = this.#behindList;
    this.#behindList = [];
    if (newer.length > 0) await this.#options.onEvents(newer, at);
  }

  /** Pings a silent peer, and leaves one that does not answer. */
  #watchSilence(): void {
    this.#within(SILENT_MS, () => {
      // While the receiver is behind, reading is paused: no data does not mean that the PBX is silent.
      if (this.#isBusy) return this.#watchSilence();
      this.#send("Ping", { ActionID: IDS.ping });
      this.#within(PONG_MS, () => {
        const silentMs = SILENT_MS + PONG_MS;
        if (this.#isBusy) this.#watchSilence();
        else this.#end("lost", `silent for ${silentMs / 1000} s, and no answer to a ping`);
      });
    });
  }

  #expect(what: string): void {
    this.#within(STEP_MS, () => this.#end("lost", `${what} within ${STEP_MS / 1000} s`));
  }

  /** One timer at a time: a new one replaces the last. */
  #within(ms: number, work: () => void): void {
    this.#callOff();
    this.#callOff = this.#options.scheduler.at(this.#options.clock.now() + ms, work);
  }

  #send(action: string, fields: Readonly<Record<string, string>> = {}): void {
    this.#socket.write(actionText(action, fields));
  }

  #close(reason: string): void {
    this.#closing ??= reason;
    if (!this.#isBusy) this.#end("lost", this.#closing);
  }

  #end(kind: SessionEnd["kind"], reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#callOff();
    this.#options.signal.removeEventListener("abort", this.#stop);
    this.#socket.destroy();
    this.#waiting = [];
    this.#ended.resolve({ kind, reason, heardAt: this.#heardAt });
  }
}

/** Whether a manager interface of that version tells which call a channel belongs to: Asterisk 12 and later do. */
export const tellsCalls = (version: string): boolean => !/^[01]\./.test(version);

/** Runs a session to its end; never rejects. What a receiver throws ends it as `lost`. */
export const runSession = (options: SessionOptions): Promise<SessionEnd> =>
  new Session(options).ended;
