// Requests as an enemy, a broken sender and a bored scanner would send them, made from a seed: the same seed gives the same
// requests, so that a failure is found again. Knows nothing of how they are sent or what is answered.

/** What the service under test knows; requests made with it are let in. */
export type Known = {
  readonly number: string;
  readonly webhookToken: string;
  readonly secret: string;
};

export type FuzzRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Written to a socket as it is, in place of all the others: what no HTTP client would send. */
  readonly raw?: string;
};

export type Random = {
  /** A whole number from 0 to `below` - 1. */
  readonly below: (below: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(of: readonly T[]) => T;
};

/** Mulberry32: small, even enough, and the same everywhere. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (of) => {
      const [first] = of;
      if (first === undefined) throw new Error("nothing to pick from");
      return of[below(of.length)] ?? first;
    },
  };
};

const encoder = new TextEncoder();
const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));

const EVENTS =
  "start dial bridge bridge_create bridge_leave bridge_destroy hangup new_callerid".split(" ");

/** Text that has broken a parser, a file or a page somewhere. */
const POISON = [
  "|",
  "\n",
  "\r\n",
  "\0",
  "\u2028",
  "\u2029",
  "\u0085",
  "\u007f",
  "\u001b[2J",
  "\ufeff",
  "\ud800",
  "\udfff",
  '"',
  "\\",
  '\\"',
  "\\u0000",
  "\\ud800",
  "'",
  "`",
  "<script>alert(1)</script>",
  "<svg onload=alert(1)>",
  "&amp;",
  "../../etc/passwd",
  "..\\..\\x",
  "%00",
  "%0d%0aSet-Cookie: a=b",
  "\r\nX-Injected: 1",
  "{{7*7}}",
  "__proto__",
  "constructor",
  "toString",
  "NaN",
  "1e999",
  "-0",
  "null",
  "true",
  "<unknown>",
  "💩".repeat(5),
  "2025-11-30 09:08:42,025|AST|hangup|1.1|{}",
  "\n2025-11-30 09:08:42,025|AST|hangup|1.1|{}\n",
  "ä".repeat(70),
];

const randomText = (random: Random, longest = 24): string =>
  random.chance(0.4)
    ? random.pick(POISON)
    : String.fromCodePoint(
        ...times(random.below(longest), () =>
          random.chance(0.8)
            ? 32 + random.below(95)
            : random.below(random.chance(0.5) ? 0x250 : 0x10000),
        ),
      );

const randomBytes = (random: Random, count: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(times(count, () => random.below(256)));

const randomJson = (random: Random, depth = 0): unknown => {
  switch (random.below(depth > 4 ? 5 : 8)) {
    case 0:
      return random.below(2 ** 31) * (random.chance(0.5) ? 1 : -1e9);
    case 1:
      return random.chance(0.5);
    case 2:
      return null;
    case 3:
    case 4:
      return randomText(random);
    case 5:
      return times(random.below(5), () => randomJson(random, depth + 1));
    default:
      return Object.fromEntries(
        times(random.below(5), () => [randomText(random, 10), randomJson(random, depth + 1)]),
      );
  }
};

const uniqueIdOf = (random: Random): string =>
  `${1_764_500_000 + random.below(300)}.${random.below(4)}`;

const FIELDS = [
  "Phone",
  "Trunk",
  "CallerIDName",
  "CallerIDNum",
  "Channel",
  "Exten",
  "Extensions",
  "CallType",
  "CallStatus",
];
const MORE_FIELDS = [
  "BridgeUniqueid",
  "Linkedid",
  "ChanUniqueId",
  "EventTime",
  "StartTime",
  "__proto__",
  "constructor",
  "_raw",
];

const eventOf = (random: Random, known: Known, at: number): Record<string, unknown> => {
  const event: Record<string, unknown> = {
    Token: random.chance(0.9) ? known.webhookToken : randomText(random),
    UniqueId: random.chance(0.85) ? uniqueIdOf(random) : randomJson(random),
    Phone: "375291112233",
  };
  for (const field of FIELDS) if (random.chance(0.3)) event[field] = randomJson(random, 3);
  for (const field of MORE_FIELDS) {
    // Rare: a word that stands in two events as a Linkedid makes one call of theirs.
    if (!random.chance(0.01)) continue;
    Object.defineProperty(event, field, {
      value: randomJson(random, 3),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  // Never the same twice, also where it is cut: each event that is answered 200 is a line of its own.
  if (random.chance(0.1)) event["EventId"] = `${at}-fuzz-${at}`;
  if (random.chance(0.02)) event["_recovered"] = true;
  return event;
};

/** Cuts, doubles, swaps and poisons a text, a few times. */
const mutate = (random: Random, text: string): string => {
  let mutated = text;
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(mutated.length + 1);
    const to = Math.min(mutated.length, at + random.below(30));
    switch (random.below(5)) {
      case 0:
        mutated = mutated.slice(0, at);
        break;
      case 1:
        mutated = mutated.slice(0, at) + mutated.slice(to);
        break;
      case 2:
        mutated = mutated.slice(0, to) + mutated.slice(at);
        break;
      case 3:
        mutated = mutated.slice(0, at) + randomText(random, 6) + mutated.slice(at);
        break;
      default:
        mutated =
          mutated.slice(0, at) + random.pick([...'{}[]",:\\|=&%+\n\0']) + mutated.slice(at + 1);
    }
  }
  return mutated;
};

const windows1251 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x80 ? code : code >= 0x410 && code <= 0x44f ? code - 0x350 : 0x98;
  });

/** The value of a form's field: objects may hold keys such as `toString`, so they are not asked. */
const textOf = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "");

const formOf = (event: Record<string, unknown>): string =>
  Object.entries(event)
    .map(
      ([key, value]) =>
        `${encodeURIComponent(key.toWellFormed())}=${encodeURIComponent(textOf(value).toWellFormed())}`,
    )
    .join("&");

const multipartOf = (random: Random, event: Record<string, unknown>): string => {
  const parts = Object.entries(event).map(
    ([key, value]) => `Content-Disposition: form-data; name="${key}"\r\n\r\n${textOf(value)}\r\n`,
  );
  return `--x\r\n${parts.join("--x\r\n")}--x${random.chance(0.8) ? "--\r\n" : ""}`;
};

const bodyOf = (random: Random, known: Known, at: number): Uint8Array<ArrayBuffer> => {
  const event = eventOf(random, known, at);
  const json = JSON.stringify(event);
  const size = random.below(1000);
  // Rare, since they are large: one string of a megabyte, and nesting that overflows a stack.
  if (size < 2)
    return encoder.encode(JSON.stringify({ ...event, Phone: random.pick(POISON).repeat(300_000) }));
  if (size < 5)
    return encoder.encode(
      `${json.slice(0, -1)},"Deep":${random.pick(["[", '{"a":']).repeat(40_000)}`,
    );
  if (size < 9)
    return encoder.encode(JSON.stringify({ ...event, Name: randomText(random).repeat(4000) }));
  switch (random.below(12)) {
    case 0:
      return randomBytes(random, random.below(300));
    case 1:
      return encoder.encode(JSON.stringify(randomJson(random)) ?? "");
    case 2:
      return encoder.encode(formOf(event));
    case 3:
      return encoder.encode(mutate(random, formOf(event)));
    case 4:
      return encoder.encode(
        random.chance(0.5) ? multipartOf(random, event) : encodeURIComponent(json.toWellFormed()),
      );
    case 5:
      return windows1251(JSON.stringify({ ...event, CallerIDName: "Ромашка | Тест" }));
    case 6:
      return new Uint8Array(
        new Uint16Array([0xfeff, ...times(json.length, (i) => json.charCodeAt(i))]).buffer,
      );
    case 7:
    case 8:
    case 9:
      return encoder.encode(mutate(random, json));
    default:
      return encoder.encode(json);
  }
};

const pathPiece = (random: Random): string =>
  random
    .pick([
      () => encodeURIComponent(randomText(random).toWellFormed()),
      () =>
        random.pick([
          "..",
          "%2e%2e",
          "%2F",
          "%5C",
          "%00",
          "%zz",
          "%",
          ".",
          "",
          "0367",
          "*",
          "a".repeat(300),
        ]),
      () => String(random.below(10_000)),
    ])()
    .slice(0, 2000);

const headerText = (random: Random): string =>
  randomText(random)
    .replace(/[^\x20-\x7e\xa0-\xff]/g, "")
    .trim();

const headersOf = (random: Random): Record<string, string> => {
  const headers: Record<string, string> = {};
  if (random.chance(0.1))
    headers["x-forwarded-for"] = random.pick(["127.0.0.1", "::1, 10.0.0.1", headerText(random)]);
  if (random.chance(0.1))
    headers["accept-language"] = random.pick(["ru", "en;q=2", "*;q=nope", headerText(random)]);
  if (random.chance(0.05)) headers["x-anything"] = headerText(random).repeat(random.below(50));
  if (random.chance(0.05)) headers["cookie"] = headerText(random);
  if (random.chance(0.02)) headers["range"] = "bytes=0-1";
  if (random.chance(0.02)) headers["if-none-match"] = headerText(random);
  return headers;
};

/** Not HTTP, or hardly: for the server under the apps. */
const rawOf = (random: Random, path: string): string => {
  const host = random.pick([
    "localhost",
    "",
    "[",
    "a b",
    "%zz",
    "a:99999",
    "x/start",
    "é",
    "evil@x",
  ]);
  const end = "Connection: close\r\n\r\n";
  return random.pick([
    () => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${end}`,
    () =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${random.pick(["-1", "1e3", "0x10", "2, 3", ""])}\r\n${end}`,
    () =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n${end}${random.pick(["zz\r\n", "-1\r\n\r\n", "5\r\nabc"])}`,
    () =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n${end}0\r\n\r\n`,
    () =>
      `${randomText(random)} ${path} HTTP/${random.pick(["1.0", "1.1", "2", "9.9"])}\r\nHost: ${host}\r\n${end}`,
    () =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\n${randomText(random)}: ${randomText(random)}\r\n${end}`,
    () => `GET ${path} HTTP/1.1\r\nHost: x\r\n${"A: b\r\n".repeat(random.below(400))}${end}`,
    () =>
      `GET ${random.pick(["*", "http://evil.test/start", "//evil", "start", ""])} HTTP/1.1\r\nHost: x\r\n${end}`,
    () => randomText(random, 200),
  ])();
};

const METHODS = ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"];
const TYPES = [
  "application/json",
  "application/x-www-form-urlencoded",
  "text/plain",
  "multipart/form-data; boundary=x",
  "*",
  "",
];

/** The request number `at` for the listener of events. */
export const webhookRequest = (random: Random, known: Known, at: number): FuzzRequest => {
  const path = random.pick([
    ...times(8, () => () => `/${random.pick(EVENTS)}`),
    () =>
      `/events/${random.pick([...EVENTS, "parked_call", "x", "__proto__", "UPPER", "a".repeat(40)])}`,
    () => `/events/${pathPiece(random)}`,
    () => `/${pathPiece(random)}/${pathPiece(random)}`,
    () => `/${random.pick(EVENTS)}${random.pick(["/", "//", "?a=b", "#x", "/../hangup", "%20"])}`,
    () => random.pick(["/health", "/metrics", "/", "/favicon.ico"]),
  ])();
  const method = random.chance(0.9) ? "POST" : random.pick(METHODS);
  const headers = headersOf(random);
  if (random.chance(0.03)) return { method, path, headers, raw: rawOf(random, path) };
  headers["content-type"] = random.pick(TYPES);
  if (random.chance(0.1))
    headers["token"] = random.chance(0.5) ? known.webhookToken : headerText(random);
  if (random.chance(0.02))
    headers["content-encoding"] = random.pick(["gzip", "br", "identity", "utf-8", "x"]);
  if (method === "GET" || method === "HEAD") return { method, path, headers };
  return { method, path, headers, body: bodyOf(random, known, at) };
};

const QUERY_NAMES = [
  "lang",
  "from",
  "to",
  "day",
  "q",
  "phone",
  "status",
  "page",
  "cursor",
  "format",
  "token",
  "since",
];

/** The request for the listener of pages. */
export const viewerRequest = (random: Random, known: Known): FuzzRequest => {
  const number = random.chance(0.7)
    ? known.number
    : random.chance(0.5)
      ? "9999"
      : pathPiece(random);
  const id = random.chance(0.7) ? uniqueIdOf(random) : pathPiece(random);
  const token = random.pick([
    () => known.secret,
    () => "A".repeat(28),
    () => "nope",
    () => "",
    () => known.secret.slice(1),
    () => encodeURIComponent(randomText(random).toWellFormed()),
    () => `${known.secret}&token=nope`,
  ])();
  const query = times(
    random.below(3),
    () => `&${random.pick(QUERY_NAMES)}=${pathPiece(random)}`,
  ).join("");
  const path = random.pick([
    ...times(6, () => () => `/call/${number}/${id}?token=${token}${query}`),
    () => `/calls/${number}?token=${token}${query}`,
    // Streams do not end: only those who are not let in ask for one.
    () => `/call/${number}/${id}/live?token=nope${query}`,
    () => `/call/${number}/${id}/${pathPiece(random)}?token=${token}`,
    () => `/${pathPiece(random)}/${pathPiece(random)}?token=${token}`,
    () => random.pick(["/health", "/metrics", "/", "/favicon.ico", "/call", "/calls"]),
  ])();
  const method = random.chance(0.95) ? "GET" : random.pick(["POST", ...METHODS]);
  const headers = headersOf(random);
  if (random.chance(0.03)) return { method, path, headers, raw: rawOf(random, path) };
  headers["accept"] = random.pick([
    "text/html",
    "application/json",
    "*/*",
    "text/html;q=x",
    headerText(random),
  ]);
  return { method, path, headers };
};
