// A small strict S3 for tests: path-style addresses, AWS Signature Version 4 checked over every request, ranges, HEAD, PUT,
// DELETE and ListObjectsV2 in pages. It keeps objects in memory, counts requests with their times, and fails where it is
// told to. Written for this because what npm has (s3rver) is unmaintained, checks no conditions and reads some ranges
// wrongly; OpenStack Swift, which ships with Debian, is too heavy to bring up for each test.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html

import { createHash, createHmac } from "node:crypto";

export const S3_KEY_ID = "AKIDFORTESTS";
export const S3_SECRET = "secret-for-tests-0123456789";
export const S3_REGION = "us-east-1";

export type S3Request = {
  readonly method: string;
  /** Without the bucket; "" for the bucket itself. */
  readonly key: string;
  /** What follows the `?`, such as `versionId=…`; "" where nothing does. */
  readonly query: string;
  readonly range: string | undefined;
  readonly startedAt: number;
  endedAt: number;
  /** Bytes of the body that was answered. */
  bytes: number;
};

/** What goes wrong with a request. */
export type S3Fault =
  | { readonly status: number; readonly code?: string }
  /** The body ends early. */
  | "cut"
  /** Some bytes of the body are others. */
  | "wrong"
  /** No answer, until the server is stopped. */
  | "hang";

export type S3Server = {
  readonly url: string;
  readonly bucket: string;
  readonly objects: Map<string, Uint8Array>;
  /** What was there before, by key, oldest first; undefined where the bucket keeps no versions. */
  versions: Map<string, { readonly id: string; readonly bytes: Uint8Array }[]> | undefined;
  readonly requests: S3Request[];
  /** Asked for each request once it was found to be signed rightly. */
  fault: (request: S3Request) => S3Fault | undefined;
  /** Its clock, in milliseconds since the epoch: a request signed more than 15 minutes off is refused. */
  now: () => number;
  /** The time a request is on its way, both ways together, in milliseconds. */
  roundTripMs: number;
  /** What the environment of a program that uses it holds. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
};

const sha256 = (data: string | Uint8Array): string =>
  createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Uint8Array, data: string): Buffer =>
  createHmac("sha256", key).update(data).digest();

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const MOST_SKEW_MS = 15 * 60_000;

/** Why a request is refused, as a store's code; undefined where it was signed with the secret, body included, in time. */
const refusalOf = (
  request: Request,
  url: URL,
  { body, now }: { readonly body: Uint8Array; readonly now: number },
): string | undefined => {
  const header = request.headers.get("authorization") ?? "";
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  if (match === null) return "AccessDenied";
  const [, keyId, date = "", region = "", signedHeaders = "", signature] = match;
  const stamp = request.headers.get("x-amz-date") ?? "";
  const payload = request.headers.get("x-amz-content-sha256") ?? "";
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp) ?? [];
  const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (keyId !== S3_KEY_ID) return "InvalidAccessKeyId";
  if (region !== S3_REGION) return "AuthorizationHeaderMalformed";
  if (!(Math.abs(now - signedAt) <= MOST_SKEW_MS)) return "RequestTimeTooSkewed";
  if (!stamp.startsWith(date)) return "SignatureDoesNotMatch";
  if (payload !== "UNSIGNED-PAYLOAD" && payload !== sha256(body))
    return "XAmzContentSHA256Mismatch";
  const query = [...url.searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join("&");
  const headers = signedHeaders
    .split(";")
    .map((name) => `${name}:${(request.headers.get(name) ?? "").trim()}\n`)
    .join("");
  const canonical = [request.method, url.pathname, query, headers, signedHeaders, payload];
  const scope = `${date}/${region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", stamp, scope, sha256(canonical.join("\n"))].join("\n");
  const key = ["s3", "aws4_request"].reduce(
    (made, part) => hmac(made, part),
    hmac(hmac(`AWS4${S3_SECRET}`, date), region),
  );
  return hmac(key, text).toString("hex") === signature ? undefined : "SignatureDoesNotMatch";
};

const error = (status: number, code: string): Response =>
  new Response(
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
    { status, headers: { "content-type": "application/xml" } },
  );

const listing = (objects: Map<string, Uint8Array>, params: URLSearchParams): Response => {
  const prefix = params.get("prefix") ?? "";
  const after = params.get("continuation-token") ?? params.get("start-after") ?? "";
  const most = Math.min(1000, Number(params.get("max-keys") ?? 1000));
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const page = keys.slice(0, most);
  const isTruncated = keys.length > page.length;
  const contents = page
    .map((key) => `<Contents><Key>${key}</Key><Size>${objects.get(key)?.length}</Size></Contents>`)
    .join("");
  const next = isTruncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : "";
  return new Response(
    `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>b</Name><Prefix>${prefix}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${most}</MaxKeys><IsTruncated>${isTruncated}</IsTruncated>${contents}${next}</ListBucketResult>`,
    { headers: { "content-type": "application/xml" } },
  );
};

/** Two entries a page, so that pages are turned. */
const VERSIONS_A_PAGE = 2;

const versionListing = (
  objects: Map<string, Uint8Array>,
  versions: NonNullable<S3Server["versions"]>,
  params: URLSearchParams,
): Response => {
  const prefix = params.get("prefix") ?? "";
  const after = `${params.get("key-marker") ?? ""} ${params.get("version-id-marker") ?? ""}`;
  const all = [
    ...[...objects.keys()].map((key) => ({ key, id: "~newest", isLatest: true })),
    ...[...versions].flatMap(([key, own]) => own.map(({ id }) => ({ key, id, isLatest: false }))),
  ]
    .filter(({ key, id }) => key.startsWith(prefix) && `${key} ${id}` > after)
    .sort((a, b) => (`${a.key} ${a.id}` < `${b.key} ${b.id}` ? -1 : 1));
  const page = all.slice(0, VERSIONS_A_PAGE);
  const last = page.at(-1);
  const isTruncated = all.length > page.length;
  const entries = page
    .map(
      ({ key, id, isLatest }) =>
        `<Version><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${isLatest}</IsLatest></Version>`,
    )
    .join("");
  const next = isTruncated
    ? `<NextKeyMarker>${last?.key}</NextKeyMarker><NextVersionIdMarker>${last?.id}</NextVersionIdMarker>`
    : "";
  return new Response(
    `<?xml version="1.0" encoding="UTF-8"?><ListVersionsResult><Name>b</Name><IsTruncated>${isTruncated}</IsTruncated>${next}${entries}</ListVersionsResult>`,
    { headers: { "content-type": "application/xml" } },
  );
};

const ranged = (bytes: Uint8Array, range: string | undefined): Response => {
  if (range === undefined) return new Response(bytes.slice());
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
  if (from === undefined || Number(from) >= bytes.length) return error(416, "InvalidRange");
  const end = Math.min(bytes.length - 1, to === "" ? Number.POSITIVE_INFINITY : Number(to));
  return new Response(bytes.slice(Number(from), end + 1), {
    status: 206,
    headers: { "content-range": `bytes ${from}-${end}/${bytes.length}` },
  });
};

const answerTo = (
  server: Pick<S3Server, "objects" | "bucket" | "versions">,
  request: Request,
  key: string,
  url: URL,
  body: Uint8Array,
): Response => {
  const { objects, versions } = server;
  if (key === "" && request.method === "GET" && url.searchParams.has("versions")) {
    return versions === undefined
      ? error(501, "NotImplemented")
      : versionListing(objects, versions, url.searchParams);
  }
  const versionId = url.searchParams.get("versionId");
  if (request.method === "DELETE" && versionId !== null) {
    const kept = versions?.get(key)?.filter(({ id }) => id !== versionId) ?? [];
    versions?.set(key, kept);
    return new Response(null, { status: 204 });
  }
  if (key === "") {
    return request.method === "GET" && url.searchParams.get("list-type") === "2"
      ? listing(objects, url.searchParams)
      : error(501, "NotImplemented");
  }
  const found = objects.get(key);
  switch (request.method) {
    case "PUT":
      if (found !== undefined && versions !== undefined) {
        const before = versions.get(key) ?? [];
        versions.set(key, [...before, { id: `v+${before.length}/=`, bytes: found }]);
      }
      objects.set(key, body);
      return new Response(null, { headers: { etag: `"${sha256(body).slice(0, 32)}"` } });
    case "DELETE":
      objects.delete(key);
      return new Response(null, { status: 204 });
    case "HEAD":
      return found === undefined
        ? new Response(null, { status: 404 })
        : new Response(found.slice(), { headers: { "last-modified": new Date(0).toUTCString() } });
    case "GET":
      return found === undefined
        ? error(404, "NoSuchKey")
        : ranged(found, request.headers.get("range") ?? undefined);
    default:
      return error(501, "NotImplemented");
  }
};

const spoiled = async (response: Response, how: "cut" | "wrong"): Promise<Response> => {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const { status, headers } = response;
  if (how === "cut") {
    // What a proxy on the way gives that lost its upstream: a shorter body that looks whole.
    return new Response(bytes.slice(0, bytes.length >> 1), { status, headers });
  }
  for (let at = 0; at < bytes.length; at += 97) bytes[at] = (bytes[at] ?? 0) ^ 0x5a;
  return new Response(bytes, { status, headers });
};

export const startS3 = (): S3Server => {
  const bucket = "calls";
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  const handle = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const body = new Uint8Array(await request.arrayBuffer());
    const path = decodeURIComponent(url.pathname).slice(1);
    if (path !== bucket && !path.startsWith(`${bucket}/`)) return error(404, "NoSuchBucket");
    const seen: S3Request = {
      method: request.method,
      key: path.slice(bucket.length + 1),
      query: url.search.slice(1),
      range: request.headers.get("range") ?? undefined,
      startedAt: performance.now(),
      endedAt: Number.POSITIVE_INFINITY,
      bytes: 0,
    };
    made.requests.push(seen);
    if (made.roundTripMs > 0) await Bun.sleep(made.roundTripMs);
    const refusal = refusalOf(request, url, { body, now: made.now() });
    if (refusal !== undefined)
      return error(refusal === "AuthorizationHeaderMalformed" ? 400 : 403, refusal);
    const fault = made.fault(seen);
    if (fault === "hang") await stopped;
    if (typeof fault === "object") return error(fault.status, fault.code ?? "InternalError");
    const answer = answerTo(made, request, seen.key, url, body);
    const given = fault === "cut" || fault === "wrong" ? await spoiled(answer, fault) : answer;
    if (request.method === "GET") seen.bytes = (await given.clone().arrayBuffer()).byteLength;
    seen.endedAt = performance.now();
    return given;
  };
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, fetch: handle });
  const url = `http://127.0.0.1:${server.port}`;
  const made: S3Server = {
    url,
    bucket,
    objects: new Map(),
    versions: undefined,
    requests: [],
    fault: () => undefined,
    now: () => Date.now(),
    roundTripMs: 0,
    env: {
      AWS_ACCESS_KEY_ID: S3_KEY_ID,
      AWS_SECRET_ACCESS_KEY: S3_SECRET,
      AWS_REGION: S3_REGION,
      AWS_ENDPOINT_URL: url,
    },
    stop: async () => {
      stop();
      await server.stop(true);
    },
  };
  return made;
};

/** The most requests of which each began only when the one before had been answered. */
export const longestChain = (requests: readonly S3Request[]): number => {
  const sorted = requests.toSorted((a, b) => a.endedAt - b.endedAt);
  let chain = 0;
  let lastEnd = Number.NEGATIVE_INFINITY;
  for (const { startedAt, endedAt } of sorted) {
    if (startedAt < lastEnd) continue;
    chain += 1;
    lastEnd = endedAt;
  }
  return chain;
};
