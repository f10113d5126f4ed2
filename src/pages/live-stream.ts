// The event stream of one reader, with back-pressure: the next update is made when the stream has room, from what the
// reader has to the current page, so that a slow reader costs no memory.

import type { Frame } from "./live-frame.ts";

export type EventStream = {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** The page shows this now. `isLast`: nothing more will come; the stream ends when it is sent. */
  show(frame: Frame, isLast: boolean): void;
  /** Keeps the connection in use; closes it where nobody has read for several beats. */
  beat(): void;
  /** Tells the reader not to come back, and ends the stream; what it has not been sent yet is lost. */
  dismiss(): void;
  /** Ends the stream; the reader comes back by itself. */
  close(): void;
  isEnded(): boolean;
};

export type EventStreamOptions = {
  /** The version of what the reader has; undefined: nothing. */
  readonly seen: string | undefined;
  /** The stream has ended, whoever ended it; called once. */
  readonly onEnd: () => void;
};

/** How soon a reader comes back when the connection was lost, in milliseconds. */
const RETRY_MS = 1000;
/** Bytes that may wait in a stream before what comes next is held back. */
const MAX_WAITING_BYTES = 64 * 1024;
/** Beats in a row for which nothing was read: such a reader is gone. */
const MAX_SILENT_BEATS = 8;

const utf8 = new TextEncoder();
const HELLO = utf8.encode(`retry: ${RETRY_MS}\n\n`);
const BEAT = utf8.encode(": \n\n");
const endEvent = (
  reason: "over" | "refused",
  version: string | undefined,
): Uint8Array<ArrayBuffer> =>
  utf8.encode(`${version === undefined ? "" : `id: ${version}\n`}event: end\ndata: ${reason}\n\n`);

/** Opens a reader's stream. */
export const openEventStream = ({ seen, onEnd }: EventStreamOptions): EventStream => {
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  let has = seen;
  let latest: { readonly frame: Frame; readonly isLast: boolean } | undefined;
  let silentBeats = 0;
  let isEnded = false;

  const end = (): void => {
    if (isEnded) return;
    isEnded = true;
    try {
      controller?.close();
    } catch {
      // The reader has gone already.
    }
    onEnd();
  };
  const hasRoom = (): boolean => !isEnded && (controller?.desiredSize ?? 0) > 0;

  const sendNews = (): void => {
    if (!hasRoom() || latest === undefined) return;
    const { frame, isLast } = latest;
    const event = frame.eventSince(has);
    // Noted before it is sent: a reader that waits asks for more while it is being given.
    has = frame.version;
    latest = undefined;
    if (event !== undefined) controller?.enqueue(event);
    if (!isLast) return;
    controller?.enqueue(endEvent("over", has));
    end();
  };

  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start: (given) => {
        controller = given;
        given.enqueue(HELLO);
      },
      pull: sendNews,
      cancel: end,
    },
    { highWaterMark: MAX_WAITING_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
  );

  return {
    body,
    show: (frame, isLast) => {
      latest = { frame, isLast };
      sendNews();
    },
    beat: () => {
      if (isEnded) return;
      silentBeats = hasRoom() ? 0 : silentBeats + 1;
      if (silentBeats === 0) controller?.enqueue(BEAT);
      else if (silentBeats >= MAX_SILENT_BEATS) end();
    },
    dismiss: () => {
      if (hasRoom()) controller?.enqueue(endEvent("refused", undefined));
      end();
    },
    close: end,
    isEnded: () => isEnded,
  };
};
