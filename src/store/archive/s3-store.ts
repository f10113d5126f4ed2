// An object store behind the S3 protocol, through Bun's client. Its known faults are kept away from: ranges always have both
// ends, puts are single ones (objects are kept below 64 MiB), nothing is written through `writer()`.

import {
  ArchiveError,
  type ObjectStore,
  type RemoveOlderOptions,
  type StoredObject,
} from "./object-store.ts";
import type { S3Address, S3Environment } from "./s3-address.ts";
import { reasonOf } from "./s3-reasons.ts";
import { S3Versions } from "./s3-versions.ts";

/** Above any object of ours: the client would send a larger one in parts. In bytes. */
const PART_BYTES = 128 * 1024 * 1024;
const PAGE_KEYS = 1000;

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause ? String(cause.code) : "";

class S3Store implements ObjectStore {
  readonly name: string;
  readonly #client: Bun.S3Client;
  readonly #prefix: string;
  readonly #versions: S3Versions;

  constructor({ bucket, prefix }: S3Address, env: S3Environment) {
    this.name = `s3://${bucket}${prefix === "" ? "" : `/${prefix}`}`;
    this.#prefix = prefix === "" ? "" : `${prefix}/`;
    const accessKeyId = env["AWS_ACCESS_KEY_ID"] ?? "";
    const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"] ?? "";
    if (accessKeyId === "" || secretAccessKey === "") {
      throw new ArchiveError(
        "denied",
        `cannot open the archive ${this.name}: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set in the environment`,
      );
    }
    const { AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL } = env;
    this.#versions = new S3Versions(this.name, { bucket, prefix: this.#prefix }, env);
    this.#client = new Bun.S3Client({
      bucket,
      accessKeyId,
      secretAccessKey,
      region: AWS_REGION || "us-east-1",
      retry: 0,
      ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
      ...(AWS_ENDPOINT_URL ? { endpoint: AWS_ENDPOINT_URL } : {}),
    });
  }

  async head(key: string): Promise<StoredObject | undefined> {
    const found = await this.#orMissing("look at", key, this.#client.stat(this.#prefix + key));
    return found === undefined ? undefined : { key, bytes: found.size };
  }

  async get(key: string, range?: { from: number; to: number }): Promise<Uint8Array | undefined> {
    const file = this.#client.file(this.#prefix + key);
    const asked = range === undefined ? file : file.slice(range.from, range.to);
    const bytes = await this.#orMissing("read", key, asked.bytes());
    // A store that does not know ranges gives the whole object.
    const most = range === undefined ? Number.POSITIVE_INFINITY : range.to - range.from;
    if (bytes !== undefined && bytes.length > most)
      throw new ArchiveError(
        "damaged",
        `cannot read ${this.name}/${key}: more came than was asked for; the store, or a proxy before it, must answer range requests`,
      );
    return bytes;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#orFailure(
      "write",
      key,
      this.#client.write(this.#prefix + key, bytes, { partSize: PART_BYTES }),
    );
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    let token: string | undefined;
    do {
      const page: Bun.S3ListObjectsResponse = await this.#orFailure(
        "list",
        prefix,
        this.#client.list({
          prefix: this.#prefix + prefix,
          maxKeys: PAGE_KEYS,
          ...(token === undefined ? {} : { continuationToken: token }),
        }),
      );
      for (const { key, size } of page.contents ?? []) {
        yield { key: key.slice(this.#prefix.length), bytes: size ?? 0 };
      }
      token = page.isTruncated ? page.nextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async remove(key: string): Promise<void> {
    await this.#orMissing("remove", key, this.#client.delete(this.#prefix + key));
  }

  removeOlder(prefix: string, options?: RemoveOlderOptions): Promise<number> {
    return this.#versions.removeOlder(prefix, options);
  }

  async #orMissing<T>(what: string, key: string, asked: Promise<T>): Promise<T | undefined> {
    try {
      return await asked;
    } catch (cause) {
      if (["NoSuchKey", "NotFound"].includes(codeOf(cause))) return undefined;
      throw this.#failure(what, key, cause);
    }
  }

  async #orFailure<T>(what: string, key: string, asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (cause) {
      throw this.#failure(what, key, cause);
    }
  }

  #failure(what: string, key: string, cause: unknown): ArchiveError {
    const code = codeOf(cause);
    const reason = reasonOf(code);
    const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    const said = code === "" ? why : code;
    return new ArchiveError(
      reason?.code ?? "away",
      `cannot ${what} ${this.name}/${key}: ${reason === undefined ? said : `${said}; ${reason.todo}`}`,
      cause,
    );
  }
}

/** @throws ArchiveError where the environment holds no key */
export const openS3Store = (address: S3Address, env: S3Environment): ObjectStore =>
  new S3Store(address, env);
