// Older versions of objects, where a bucket keeps them: listed and removed by requests of our own, which Bun's client has not.
// Signed by `aws4fetch`. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html

import { AwsClient } from "aws4fetch";
import { ArchiveError } from "./object-store.ts";
import type { S3Address, S3Environment } from "./s3-address.ts";

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

/** The versions of a page of the listing that nothing shows any more, marks of deletions among them. */
const olderIn = (xml: string): Version[] =>
  [...xml.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)]
    .map(([, , entry = ""]) => entry)
    .filter((entry) => textOf(entry, "IsLatest") !== "true")
    .map((entry) => ({ key: textOf(entry, "Key"), id: textOf(entry, "VersionId") }));

export class S3Versions {
  readonly #client: AwsClient;
  readonly #base: string;
  readonly #name: string;

  /** @param env with its keys, which are there */
  constructor(name: string, { bucket }: Pick<S3Address, "bucket">, env: S3Environment) {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
    const region = env["AWS_REGION"] || "us-east-1";
    const endpoint = env["AWS_ENDPOINT_URL"] || `https://s3.${region}.amazonaws.com`;
    this.#name = name;
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
  async removeOlder(prefix: string): Promise<number> {
    let removed = 0;
    let marker = new URLSearchParams();
    for (;;) {
      const asked = new URLSearchParams({ versions: "", prefix });
      for (const [name, value] of marker) asked.set(name, value);
      const page = await this.#ask("list the versions of", prefix, "GET", `?${asked}`);
      for (const { key, id } of olderIn(page)) {
        const path = key.split("/").map(encodeURIComponent).join("/");
        await this.#ask(
          "remove a version of",
          key,
          "DELETE",
          `/${path}?versionId=${encodeURIComponent(id)}`,
        );
        removed += 1;
      }
      if (textOf(page, "IsTruncated") !== "true") return removed;
      marker = new URLSearchParams({
        "key-marker": textOf(page, "NextKeyMarker"),
        "version-id-marker": textOf(page, "NextVersionIdMarker"),
      });
    }
  }

  async #ask(what: string, key: string, method: "GET" | "DELETE", path: string): Promise<string> {
    let response: Response;
    try {
      response = await this.#client.fetch(this.#base + path, { method });
    } catch (cause) {
      throw new ArchiveError("away", `cannot ${what} ${this.#name}/${key}: no answer`, cause);
    }
    const body = await response.text();
    if (response.ok) return body;
    const code = textOf(body, "Code") || `HTTP ${response.status}`;
    const isDenied = response.status === 403;
    const hint = isDenied ? "; s3:ListBucketVersions and s3:DeleteObjectVersion are needed" : "";
    throw new ArchiveError(
      isDenied ? "denied" : "away",
      `cannot ${what} ${this.#name}/${key}: ${code}${hint}`,
    );
  }
}
