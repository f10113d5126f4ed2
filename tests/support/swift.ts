// A real object store for tests: OpenStack Swift with its S3 interface, from Debian's packages. One proxy and the three
// servers behind it, each a process on a free port of the loopback, one copy of everything, in a folder of their own. It
// checks signatures and ranges, keeps versions, and knows nothing of what our own server for tests takes for granted.
// https://docs.openstack.org/swift/latest/middleware.html#module-swift.common.middleware.s3api.s3api

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsClient } from "aws4fetch";
import { missingTool } from "../../scripts/tools.ts";
import { freePorts } from "./free-ports.ts";

/** Four programs in Python, beside whatever else runs. */
const READY_WITHIN_MS = 40_000;
const ASK_EVERY_MS = 50;
const KEY_ID = "test:tester";
const SECRET = "testing";

/** Keys in a page of its listings, so that pages are turned without a thousand objects. */
export const SWIFT_PAGE_KEYS = 20;

/** Why there can be no Swift here; undefined where there can. */
export const noSwift = (): string | undefined => missingTool("swift-proxy-server");

export type Swift = AsyncDisposable & {
  readonly port: number;
  /** What the environment of a program that uses it holds; a proxy in front of it has a port of its own. */
  env(port?: number): Readonly<Record<string, string>>;
  /** A new bucket; `isVersioned` keeps what was there before. Answers its name. */
  addBucket(more?: { readonly isVersioned?: boolean }): Promise<string>;
  /** A signed request beside those that the program makes. */
  ask(method: string, path: string, body?: string): Promise<Response>;
  stop(): Promise<void>;
};

/** Each of them keeps one kind of thing, in the terms of Swift. */
const KINDS = ["account", "container", "object"] as const;

/** As who they run: servers that are started by root want to be told. */
const userName = (): string => Bun.spawnSync(["id", "-un"]).stdout.toString().trim();

const common = (folder: string, port: number): string => `
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${userName()}
swift_dir = ${folder}
`;

/** `mount_check` would ask for a disk of its own, the reserve for a disk that is not full. */
const storageConfig = (
  folder: string,
  kind: string,
  port: number,
): string => `${common(folder, port)}
devices = ${join(folder, "devices")}
mount_check = false
fallocate_reserve = 0
[pipeline:main]
pipeline = ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
`;

/** Our objects are put whole, so that there are no parts (`slo`); tokens are nobody's way in, so that none are kept. */
const proxyConfig = (
  folder: string,
  port: number,
  cachePort: number,
): string => `${common(folder, port)}
[pipeline:main]
pipeline = catch_errors cache listing_formats s3api tempauth versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${cachePort}
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
max_bucket_listing = ${SWIFT_PAGE_KEYS}
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = ${SECRET} .admin
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_object_versioning = true
[filter:symlink]
use = egg:swift#symlink
`;

/** The ring of each kind says that all of it lies on the one device there is. */
const RINGS = `
import sys
from swift.common.ring import RingBuilder
folder = sys.argv[1]
for kind, port in (pair.split("=") for pair in sys.argv[2:]):
    builder = RingBuilder(part_power=4, replicas=1, min_part_hours=0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "one", "weight": 1})
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{kind}.ring.gz")
`;

const configure = (folder: string, ports: Readonly<Record<string, number>>): void => {
  mkdirSync(join(folder, "devices/one"), { recursive: true });
  writeFileSync(join(folder, "swift.conf"), "[swift-hash]\nswift_hash_path_suffix = tests\n");
  for (const kind of KINDS)
    writeFileSync(join(folder, `${kind}.conf`), storageConfig(folder, kind, ports[kind] ?? 0));
  writeFileSync(
    join(folder, "proxy.conf"),
    proxyConfig(folder, ports["proxy"] ?? 0, ports["cache"] ?? 0),
  );
  const pairs = KINDS.map((kind) => `${kind}=${ports[kind]}`);
  const made = Bun.spawnSync(["/usr/bin/python3", "-c", RINGS, folder, ...pairs], {
    stderr: "pipe",
  });
  if (made.exitCode !== 0) throw new Error(`cannot make the rings of Swift: ${made.stderr}`);
};

/**
 * Starts it; resolves when it has answered. Use it with `await using`, or `stop` it: its processes end and its folder goes.
 *
 * @throws Error with what it wrote, where it does not answer within 40 seconds
 */
export const startSwift = async (): Promise<Swift> => {
  const folder = mkdtempSync(join(tmpdir(), "calllog-swift-"));
  const names = ["proxy", ...KINDS];
  const free = await freePorts(names.length + 1);
  const ports = Object.fromEntries(
    ["cache", ...names].map((name, index) => [name, free[index] ?? 0]),
  );
  const running: Bun.Subprocess[] = [];
  const stop = async (): Promise<void> => {
    for (const server of running) server.kill("SIGKILL");
    await Promise.all(running.map(({ exited }) => exited));
    rmSync(folder, { recursive: true, force: true });
  };
  const port = ports["proxy"] ?? 0;
  const base = `http://127.0.0.1:${port}`;
  const client = new AwsClient({
    accessKeyId: KEY_ID,
    secretAccessKey: SECRET,
    service: "s3",
    region: "us-east-1",
    retries: 0,
  });
  const ask: Swift["ask"] = (method, path, body) =>
    client.fetch(`${base}/${path}`, { method, ...(body === undefined ? {} : { body }) });
  let buckets = 0;
  const addBucket: Swift["addBucket"] = async ({ isVersioned = false } = {}) => {
    buckets += 1;
    const bucket = `calls-${buckets}`;
    const made = await ask("PUT", bucket);
    if (!made.ok) throw new Error(`cannot make a bucket: ${made.status} ${await made.text()}`);
    if (!isVersioned) return bucket;
    const rule = `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>`;
    const kept = await ask("PUT", `${bucket}?versioning`, rule);
    if (!kept.ok) throw new Error(`cannot keep versions: ${kept.status} ${await kept.text()}`);
    return bucket;
  };
  const end = performance.now() + READY_WITHIN_MS;
  const written = (): string =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".log"))
      .map((name) => `${name}:\n${readFileSync(join(folder, name), "utf8")}`)
      .join("\n");
  /** Whoever asks the proxy before the others answer has it put them aside for a minute. */
  const answers = async (url: string): Promise<void> => {
    for (;;) {
      if (
        await fetch(url).then(
          ({ body }) => body?.cancel().then(() => true) ?? true,
          () => false,
        )
      )
        return;
      const ended = running.some(({ exitCode }) => exitCode !== null);
      if (ended || performance.now() > end)
        throw new Error(`Swift does not answer at ${url}:\n${written()}`);
      await Bun.sleep(ASK_EVERY_MS);
    }
  };
  try {
    configure(folder, ports);
    const run = (name: string, command: readonly string[]): void => {
      const log = Bun.file(join(folder, `${name}.log`));
      running.push(Bun.spawn([...command], { stdio: ["ignore", log, log] }));
    };
    const own = ["-l", "127.0.0.1", "-p", `${ports["cache"]}`, "-u", userName()];
    run("cache", ["/usr/bin/memcached", ...own]);
    for (const name of names)
      run(name, [`/usr/bin/swift-${name}-server`, join(folder, `${name}.conf`), "-v"]);
    await Promise.all(names.map((name) => answers(`http://127.0.0.1:${ports[name]}/`)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    env: (at = port) => ({
      AWS_ACCESS_KEY_ID: KEY_ID,
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_REGION: "us-east-1",
      AWS_ENDPOINT_URL: `http://127.0.0.1:${at}`,
    }),
    addBucket,
    ask,
    stop,
    [Symbol.asyncDispose]: stop,
  };
};
