// `GET /call/{enterprise}/{unique_id}/live`: updates of an open page as server-sent events. Access is checked again at
// every heartbeat. The number of open streams is limited.

import type { Lang } from "../domain/lang.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { After } from "../lib/within.ts";
import type { Follower } from "../store/index.ts";
import type { Access, Client } from "./access.ts";
import type { CallReader } from "./call-route.tsx";
import type { Fail } from "./failure.tsx";
import type { CallLinkScope } from "./links.ts";
import type { Frame } from "./live-frame.ts";
import { createLiveHub } from "./live-hub.ts";
import { createLineWatch } from "./live-lines.ts";
import { openEventStream } from "./live-stream.ts";
import { readerLang } from "./negotiate.ts";

export type LiveOptions = {
  readonly access: Access;
  readonly fail: Fail;
  readonly reader: CallReader;
  readonly clock: Clock;
  readonly log: Log;
  readonly lang: Lang;
  /** Tells what is appended; without it pages are up to date only every few seconds. */
  readonly follow?: Follower["follow"] | undefined;
  /** Ends all streams, for good. */
  readonly stopping?: AbortSignal | undefined;
  /** Told how many streams are open, whenever that changes. */
  readonly onStreams?: ((open: number) => void) | undefined;
  /** Default: the machine's timers, which do not keep the process alive. */
  readonly after?: After | undefined;
};

/** Streams that one process holds open; beyond, readers are asked to come again. */
const MAX_STREAMS = 1000;
/** Under every proxy's usual limit for silence, in milliseconds. */
const HEARTBEAT_MS = 15_000;

const machineTimers: After = (delayMs, work) => {
  const timer = setTimeout(work, delayMs);
  if (typeof timer === "object") timer.unref();
  return () => clearTimeout(timer);
};

const refuse = (code: string, message: string): Response =>
  Response.json({ error: { code, message } }, { status: 503, headers: { "retry-after": "30" } });

const EVENT_STREAM = {
  "content-type": "text/event-stream; charset=utf-8",
  // nginx would gather events otherwise.
  "x-accel-buffering": "no",
};

/** Bun's server cuts connections that are silent for a while; told so, it leaves this one alone. */
export const neverIdle = (server: unknown, request: Request): void => {
  (server as { timeout?: (request: Request, seconds: number) => void } | null)?.timeout?.(
    request,
    0,
  );
};

/** Answers the route. */
export const createLiveRoute = (options: LiveOptions) => {
  const { access, fail, reader, clock, log, lang, follow, stopping } = options;
  const after = options.after ?? machineTimers;
  const watchLines = createLineWatch(follow, log);
  const hub = createLiveHub({ reader, watchLines, after, clock, log });
  stopping?.addEventListener("abort", () => hub.close(), { once: true });
  let streams = 0;
  const count = (change: 1 | -1): void => {
    streams += change;
    options.onStreams?.(streams);
  };

  return async (request: Request, scope: CallLinkScope, client: Client): Promise<Response> => {
    const enterprise = await access.toCall(request, scope, client);
    if (enterprise instanceof Response) return enterprise;
    // Elysia answers HEAD when the body of GET has ended, which is when the call has.
    if (request.method === "HEAD") return new Response(null, { headers: EVENT_STREAM });
    if (stopping?.aborted === true) {
      return refuse("stopping", "The service is stopping. Try again soon.");
    }
    if (streams >= MAX_STREAMS) {
      return refuse("too_many_streams", "Too many pages are followed at once. Try again later.");
    }

    const lastEventId = request.headers.get("last-event-id");
    const seen = lastEventId ?? new URL(request.url).searchParams.get("since") ?? undefined;
    // What is asked again at every heartbeat; the request itself may be gone by then.
    const asked = new Request(request.url, { headers: request.headers });

    let leave = (): void => undefined;
    let callOffBeat = (): void => undefined;
    count(1);
    const stream = openEventStream({
      seen,
      onEnd: () => {
        count(-1);
        callOffBeat();
        leave();
      },
    });
    let first: { readonly frame: Frame; readonly isLast: boolean } | undefined;
    try {
      const left = await hub.watch(scope, enterprise, {
        lang: readerLang(request, lang),
        mayHear: access.mayHear(request, enterprise),
        onFrame: (frame, isLast) => {
          first ??= { frame, isLast };
          stream.show(frame, isLast);
        },
        onClose: stream.close,
      });
      if (left === undefined) {
        stream.close();
        return fail(request, 404);
      }
      leave = left;
    } catch (error) {
      stream.close();
      throw error;
    }
    // Send 204: the call is settled and this client has nothing new to receive.
    const hasAll = lastEventId !== null && lastEventId === first?.frame.version;
    if (first?.isLast === true && (seen === undefined || hasAll)) {
      await stream.body.cancel();
      return new Response(null, { status: 204 });
    }

    const beat = async (): Promise<void> => {
      stream.beat();
      const again = await access.toCall(asked, scope, client);
      if (stream.isEnded()) return;
      // A directory that does not answer refuses nobody who was let in.
      if (again instanceof Response && again.status !== 503) stream.dismiss();
      else callOffBeat = after(HEARTBEAT_MS, () => void beat());
    };
    if (!stream.isEnded()) callOffBeat = after(HEARTBEAT_MS, () => void beat());
    else leave();
    request.signal.addEventListener("abort", stream.close, { once: true });
    if (request.signal.aborted) stream.close();
    return new Response(stream.body, { headers: EVENT_STREAM });
  };
};
