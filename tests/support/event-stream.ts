// A reader of server-sent events, strict about their form: what it does not understand is an error.

export type ServerEvent = {
  /** `beat` for a comment. */
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
};

export type EventReader = {
  readonly response: Response;
  /** The next event, heartbeats left out; undefined when the stream has ended. */
  next(): Promise<ServerEvent | undefined>;
  /** The next event or heartbeat. */
  nextOrBeat(): Promise<ServerEvent | undefined>;
  /** What was sent so far and not asked for. */
  waiting(): number;
  /** Goes away. */
  leave(): void;
};

const parse = (block: string): ServerEvent | undefined => {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    if (line.startsWith(":")) return { event: "beat", data: "", id: undefined };
    const [, name = "", value = ""] = /^([a-z]+): (.*)$/.exec(line) ?? [];
    if (name === "" || fields.has(name)) throw new Error(`no field of an event: ${line}`);
    fields.set(name, value);
  }
  if (fields.has("retry")) return undefined;
  return {
    event: fields.get("event") ?? "message",
    data: fields.get("data") ?? "",
    id: fields.get("id"),
  };
};

/** Reads the answer of a route; what is no stream of events has none. */
export const readEvents = (response: Response, leave: () => void): EventReader => {
  const events: ServerEvent[] = [];
  let isOver = false;
  let wake = Promise.withResolvers<void>();
  const read = async (): Promise<void> => {
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
    if (!isStream || response.body === null) return;
    let text = "";
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += decoder.decode(part.value, { stream: true });
      for (let end = text.indexOf("\n\n"); end !== -1; end = text.indexOf("\n\n")) {
        const event = parse(text.slice(0, end));
        if (event !== undefined) events.push(event);
        text = text.slice(end + 2);
      }
      wake.resolve();
      wake = Promise.withResolvers<void>();
    }
  };
  read()
    // The reader left.
    .catch(() => undefined)
    .finally(() => {
      isOver = true;
      wake.resolve();
    });
  const nextOrBeat = async (): Promise<ServerEvent | undefined> => {
    while (events.length === 0 && !isOver) await wake.promise;
    return events.shift();
  };
  return {
    response,
    nextOrBeat,
    leave,
    next: async () => {
      for (;;) {
        const event = await nextOrBeat();
        if (event?.event !== "beat") return event;
      }
    },
    waiting: () => events.length,
  };
};

/** Opens a stream of events over the network. */
export const openEvents = async (
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventReader> => {
  const gone = new AbortController();
  const accept = { accept: "text/event-stream" };
  const response = await fetch(url, { headers: { ...accept, ...headers }, signal: gone.signal });
  return readEvents(response, () => gone.abort());
};
