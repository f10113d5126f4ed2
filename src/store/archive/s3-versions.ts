// Older versions of objects, where a bucket keeps them: listed and removed by requests of our own, which Bun's client has not.
// Signed by `aws4fetch`. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html

import { AwsClient } from "aws4fetch";
import { errorCode } from "../../lib/errors.ts";
import { ArchiveError, type RemoveOlderOptions } from "./object-store.ts";
import type { S3Address, S3Environment } from "./s3-address.ts";
import { KEY_CODES, reasonOf } from "./s3-reasons.ts";

type Version = { readonly key: string; readonly id: string };

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** The text of the first element of that name; "" where there is none. Keys of ours are plain, ids of versions nearly. */
const textOf = (xml: string, name: string): string =>
  (new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "").replaceAll(
    /&(amp|lt|gt|quot|apos);/g,
    (_, entity: string) => ENTITIES[entity] ?? "",
  );

/** The versions of a page of the listing, marks of deletions among them. */
const entriesIn = (xml: string): (Version & { readonly isLatest: boolean })[] =>
  [...xml.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)].map(([, , entry = ""]) => ({
    key: textOf(entry, "Key"),
    id: textOf(entry, "VersionId"),
    isLatest: textOf(entry, "IsLatest") === "true",
  }));

/** Those that nothing shows any more. */
const olderIn = (xml: string): Version[] => entriesIn(xml).filter(({ isLatest }) => !isLatest);

/**
 * Where the next page begins. OpenStack Swift (seen in 2.30) says `null` for the last version of a page whatever it was, and
 * takes that for a place behind all versions of the object: the ones that did not fit would be left for good.
 */
const markerAfter = (page: string): URLSearchParams => {
  const [key, told] = [textOf(page, "NextKeyMarker"), textOf(page, "NextVersionIdMarker")];
  const last = entriesIn(page).at(-1);
  const isWrong = told === "null" && last?.key === key && last.id !== "";
  return new URLSearchParams({
    "key-marker": key,
    "version-id-marker": isWrong ? last.id : told,
  });
};

type Asked = {
  readonly what: string;
  /** As the archive names it, without its prefix. */
  readonly key: string;
  readonly method: "GET" | "DELETE";
  readonly path: string;
};

const RIGHTS = "s3:ListBucketVersions and s3:DeleteObjectVersion";
/** What stores answer that keep no versions. */
const UNKNOWN = new Set([405, 501]);

export class S3Versions {
  readonly #client: AwsClient;
  readonly #base: string;
  readonly #name: string;
  readonly #prefix: string;

  /**
   * @param name of the archive
   * @param prefix of all its keys, as it stands before them
   * @param env with its keys, which are there
   */
  constructor(name: string, { bucket, prefix }: S3Address, env: S3Environment) {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
    const region = env["AWS_REGION"] || "us-east-1";
    const endpoint = env["AWS_ENDPOINT_URL"] || `https://s3.${region}.amazonaws.com`;
    this.#name = name;
    this.#prefix = prefix;
    this.#base = `${endpoint.replace(/\/+$/, "")}/${bucket}`;
    this.#client = new AwsClient({
      accessKeyId: AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: AWS_SECRET_ACCESS_KEY ?? "",
      ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
      service: "s3",
      region,
      retries: 0,
    });
  }

  /**
   * Removes what is older than the newest version of the objects whose keys begin so.
   *
   * @returns how many versions were removed
   * @throws ArchiveError where the store does not know versions, or does not let us
   */
  async removeOlder(prefix: string, options: RemoveOlderOptions = {}): Promise<number> {
    let removed = 0;
    let marker = new URLSearchParams();
    for (;;) {
      const asked = new URLSearchParams({ versions: "", prefix: this.#prefix + prefix });
      for (const [name, value] of marker) asked.set(name, value);
      const what = "list the versions of";
      const page = await this.#ask(
        { what, key: prefix, method: "GET", path: `?${asked}` },
        options,
      );
      for (const version of olderIn(page)) {
        await this.#remove(version, options);
        removed += 1;
        options.onRemoved?.();
      }
      if (textOf(page, "IsTruncated") !== "true") return removed;
      marker = markerAfter(page);
    }
  }

  async #remove({ key, id }: Version, options: RemoveOlderOptions): Promise<void> {
    const path = `/${key.split("/").map(encodeURIComponent).join("/")}?versionId=${encodeURIComponent(id)}`;
    const short = key.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : key;
    await this.#ask({ what: "remove a version of", key: short, method: "DELETE", path }, options);
  }

  /** Asks again where the store failed; not where it was too late, or where it will say the same. */
  async #ask(asked: Asked, { timeoutMs, attempts = 1 }: RemoveOlderOptions): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      const signal = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
      try {
        return await this.#askOnce(asked, signal);
      } catch (error) {
        const isPassing = error instanceof ArchiveError && error.code === "away";
        if (signal?.aborted || !isPassing || attempt >= attempts) throw error;
      }
    }
  }

  async #askOnce(asked: Asked, signal: AbortSignal | undefined): Promise<string> {
    const { what, key, method, path } = asked;
    const where = `${what} ${this.#name}/${key}`;
    let response: Response;
    let body: string;
    try {
      const request = await this.#client.sign(this.#base + path, { method });
      response = await fetch(request, signal === undefined ? {} : { signal });
      body = await response.text();
    } catch (cause) {
      const code = errorCode(cause);
      const todo = reasonOf(code)?.todo;
      const why = todo === undefined ? code || "no answer" : `${code}; ${todo}`;
      throw new ArchiveError(
        "away",
        `cannot ${where}: ${signal?.aborted ? "no answer in time" : why}`,
        cause,
      );
    }
    // What is gone need not be removed.
    if (response.ok || (method === "DELETE" && response.status === 404)) return body;
    throw failure(where, asked, response.status, textOf(body, "Code"));
  }
}

/** Whoever looks at the key hears of both rights at once: the service does without them. */
const todoOf = (code: string, isDenied: boolean): string | undefined => {
  const reason = reasonOf(code);
  if (isDenied && (reason?.code !== "denied" || code === "AccessDenied"))
    return `the key needs ${RIGHTS}`;
  return KEY_CODES.has(code) ? `${reason?.todo} (older versions need ${RIGHTS})` : reason?.todo;
};

const failure = (where: string, { method }: Asked, status: number, code: string): ArchiveError => {
  const said = code === "" ? `HTTP ${status}` : `${status} ${code}`;
  if (method === "GET" && UNKNOWN.has(status))
    return new ArchiveError("unsupported", `cannot ${where}: ${said}; the store keeps no versions`);
  const reason = reasonOf(code);
  const isDenied = status === 403 || reason?.code === "denied";
  return new ArchiveError(
    isDenied ? "denied" : (reason?.code ?? "away"),
    `cannot ${where}: ${[said, todoOf(code, isDenied)].filter(Boolean).join("; ")}`,
  );
};
