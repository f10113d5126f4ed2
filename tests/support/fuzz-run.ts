// Sends the requests of fuzz-requests.ts to a running service, several at a time, and notes what must not be: an answer that
// no rule allows, a secret in an answer, a connection that is left without one. Sending order is not repeatable, the
// requests are.

import { connect } from "node:net";
import {
  createRandom,
  type FuzzRequest,
  type Known,
  viewerRequest,
  webhookRequest,
} from "./fuzz-requests.ts";

export type Listener = "webhooks" | "viewer";

export type FuzzReport = {
  readonly statuses: ReadonlyMap<number, number>;
  /** Events that were answered 200: as many lines must be in the files. */
  readonly recorded: number;
  /** Sentences about requests that went wrong, at most 20, each with what sends the request again. */
  readonly faults: readonly string[];
};

/** 503 is not among them: nothing that is sent may stop the service from recording. */
const ALLOWED: { readonly [listener in Listener]: ReadonlySet<number> } = {
  webhooks: new Set([200, 400, 401, 404, 405, 413, 415]),
  viewer: new Set([200, 304, 400, 403, 404, 405, 429]),
};
/** What Bun's server itself answers to what is hardly HTTP; 0 is a closed connection. */
const ALLOWED_RAW = new Set([0, 400, 403, 404, 405, 408, 413, 415, 417, 429, 431, 200, 501, 505]);
const RAW_TIMEOUT_MS = 5000;
const ANSWER_TIMEOUT_MS = 30_000;

export type Sent = { readonly status: number; readonly text: string };

/** Writes bytes to a socket and answers what came back; undefined where the connection was left hanging. */
const sendRaw = (base: string, text: string): Promise<Sent | undefined> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(base);
    let received = "";
    const socket = connect(Number(port), hostname, () => {
      socket.end(text);
    });
    const done = (sent: Sent | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(sent);
    };
    const timer = setTimeout(() => done(undefined), RAW_TIMEOUT_MS);
    socket.on("data", (data) => {
      received += data.toString("latin1");
    });
    const finish = (): void =>
      done({ status: Number(/^HTTP\/1\.\d (\d{3})/.exec(received)?.[1] ?? 0), text: received });
    socket.on("error", finish);
    socket.on("close", finish);
  });

const toRequest = (base: string, { method, path, headers, body }: FuzzRequest): Request =>
  new Request(base + path, {
    method,
    headers,
    redirect: "manual",
    ...(body === undefined ? {} : { body }),
  });

/** How a request is sent: over HTTP, or into an app of this process. */
export type Send = (request: FuzzRequest) => Promise<Sent | undefined>;

export const sendTo =
  (base: string): Send =>
  async (request) => {
    if (request.raw !== undefined) return sendRaw(base, request.raw);
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    try {
      const answer = await fetch(toRequest(base, request), { signal });
      return { status: answer.status, text: await answer.text() };
    } catch (error) {
      return signal.aborted ? undefined : { status: -1, text: String(error) };
    }
  };

/** Without sockets nothing can be sent that is no HTTP: such requests are left out. */
export const sendInto =
  (handle: (request: Request) => Promise<Response>): Send =>
  async (request) => {
    if (request.raw !== undefined) return { status: 0, text: "" };
    const answer = await handle(toRequest("http://localhost", request));
    return { status: answer.status, text: await answer.text() };
  };

export type FuzzOptions = {
  readonly listener: Listener;
  readonly send: Send;
  readonly known: Known;
  readonly seed: number;
  readonly count: number;
  readonly concurrency: number;
  /** Called now and then with the number of requests sent so far. */
  readonly onProgress?: (sent: number) => void;
};

const isEvent = ({ method, path }: FuzzRequest): boolean =>
  method === "POST" && !/^\/(health|metrics)/.test(path);

/** The request of this number: each has a random source of its own, so that one can be made without the others. */
export const requestAt = (
  { listener, seed, known }: Pick<FuzzOptions, "listener" | "seed" | "known">,
  at: number,
): FuzzRequest => {
  const random = createRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(at + 1, 0x85ebca6b));
  return listener === "webhooks" ? webhookRequest(random, known, at) : viewerRequest(random, known);
};

/** Sends `count` requests, at most `concurrency` at a time. */
export const runFuzz = async (options: FuzzOptions): Promise<FuzzReport> => {
  const { listener, send, known, seed, count, concurrency, onProgress } = options;
  const statuses = new Map<number, number>();
  const faults: string[] = [];
  let recorded = 0;
  let next = 0;

  const fault = (at: number, { method, path, raw }: FuzzRequest, what: string): void => {
    if (faults.length >= 20) return;
    const shown =
      raw === undefined ? `${method} ${path.slice(0, 120)}` : JSON.stringify(raw.slice(0, 200));
    faults.push(`${what}: ${shown} (${listener}, --seed ${seed}, request ${at})`);
  };
  const check = (at: number, request: FuzzRequest, sent: Sent | undefined): void => {
    if (sent === undefined) {
      fault(at, request, "no answer");
      return;
    }
    const { status, text } = sent;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const allowed = request.raw === undefined ? ALLOWED[listener] : ALLOWED_RAW;
    if (!allowed.has(status)) fault(at, request, `answered ${status} ${text.slice(0, 200)}`);
    // The list's links and forms lead on with the token that opened it; no other page holds one.
    const mayHoldSecret = request.path.startsWith("/calls/") && request.path.includes(known.secret);
    for (const secret of mayHoldSecret
      ? [known.webhookToken]
      : [known.secret, known.webhookToken]) {
      const place = text.indexOf(secret);
      if (place < 0) continue;
      fault(at, request, `a secret in ${JSON.stringify(text.slice(place - 150, place + 60))}`);
    }
    if (
      status === 200 &&
      listener === "webhooks" &&
      request.raw === undefined &&
      isEvent(request)
    ) {
      recorded++;
    }
  };
  const work = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) {
      const request = requestAt(options, at);
      check(at, request, await send(request));
      if (at % 5000 === 0) onProgress?.(at);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return { statuses, recorded, faults };
};
