// A whole cluster on this machine: three NATS servers, a PostgreSQL, a strict Bot API server, and the program as nodes with
// folders of their own. Calls are posted to nodes in turn, and everything that was acknowledged is held against the files of
// every node and against the chats.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STAMP_LENGTH } from "../../src/store/format/stamp.ts";
import { type Bus, connectBus, surveyCluster } from "../../src/store/index.ts";
import { addEnterprise, type RunningBinary, runBinary, startBinary } from "./binary.ts";
import { type BotApiServer, startBotApi } from "./bot-api/server.ts";
import { post } from "./http.ts";
import { type NatsServers, startNats } from "./nats.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";

const BOT = "123456:cluster";
const CHATS = ["374573193", "374573194"];
/** In parts of their own, so that several nodes bring cards. */
const ENTERPRISES = ["0367", "0368", "0369", "0401"];
const secretOf = (number: string): string => `${number}456789abcdef0123456789abcdef`;
const tokenOf = (number: string): string => `37529000${number}`;

export type ClusterNodeProcess = {
  readonly name: string;
  readonly dir: string;
  binary: RunningBinary | undefined;
};

export type NodeAddresses = {
  readonly servers?: readonly string[];
  readonly apiRoot?: string;
  /** More settings. */
  readonly args?: readonly string[];
};

export type Verdict = {
  readonly acknowledged: number;
  readonly nodes: number;
  readonly lost: number;
  readonly twice: number;
  readonly torn: number;
  readonly misfiled: number;
  readonly equal: boolean;
  readonly withoutFinal: number;
  readonly doubled: number;
  readonly standing: number;
};

/** One event that a node has answered 200. */
type Acknowledged = { readonly enterprise: string; readonly mark: string };

export class ClusterWorld implements AsyncDisposable {
  readonly folder: string;
  readonly nats: NatsServers;
  readonly postgres: PostgresServer;
  readonly bot: BotApiServer;
  readonly nodes: ClusterNodeProcess[] = [];
  readonly acknowledged: Acknowledged[] = [];
  /** Events that no node took. */
  refused = 0;
  /** How long answers took, in milliseconds. */
  readonly latencies: number[] = [];
  /** Calls of which every event was acknowledged. */
  readonly calls: { readonly enterprise: string; readonly uniqueId: string }[] = [];
  #number = 0;

  private constructor(parts: Pick<ClusterWorld, "nats" | "postgres" | "bot">) {
    this.nats = parts.nats;
    this.postgres = parts.postgres;
    this.bot = parts.bot;
    this.folder = mkdtempSync(join(tmpdir(), "calllog-cluster-"));
  }

  /** @param given more settings of a node, by its name */
  static async start(
    nodes = 3,
    given: (name: string) => readonly string[] = () => [],
  ): Promise<ClusterWorld> {
    const [nats, postgres, bot] = await Promise.all([
      startNats(3),
      startPostgres(),
      startBotApi({ tokens: [BOT], chats: CHATS }),
    ]);
    const world = new ClusterWorld({ nats, postgres, bot });
    try {
      await world.#fillDirectory();
      for (let index = 0; index < nodes; index += 1) await world.addNode(`node${index + 1}`, given);
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
    return world;
  }

  async addNode(
    name: string,
    given: (name: string) => readonly string[] = () => [],
  ): Promise<ClusterNodeProcess> {
    const node: ClusterNodeProcess = { name, dir: join(this.folder, name), binary: undefined };
    this.nodes.push(node);
    await this.startNode(node, { args: given(name) });
    return node;
  }

  /** @param by other addresses than the servers' own, such as those of proxies */
  async startNode(
    node: ClusterNodeProcess,
    { servers = this.nats.urls, apiRoot = this.bot.apiRoot, args = [] }: NodeAddresses = {},
  ): Promise<void> {
    node.binary = await startBinary(
      [
        ...["--data-dir", node.dir],
        ...["--node", node.name],
        ...["--cluster", servers.join(",")],
        ...["--database-url", this.postgres.url],
        ...["--telegram-api-root", apiRoot],
        ...args,
      ],
      { cwd: this.folder },
    );
  }

  async killNode(node: ClusterNodeProcess, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const { binary } = node;
    node.binary = undefined;
    await binary?.stop(signal);
  }

  /** Posts a missed call, event after event, to the nodes that run, in turn; a node that does not answer is passed over. */
  async call(enterprise = ENTERPRISES[this.#number % ENTERPRISES.length] ?? "0367"): Promise<void> {
    this.#number += 1;
    const number = this.#number;
    const uniqueId = `${1_764_493_655 + number}.${number}`;
    const phone = `37529${tailOf(number)}`;
    const base = { Phone: phone, CallType: "0", ExtTrunk: "375173360000" };
    const events: readonly (readonly [string, object])[] = [
      ["start", base],
      ["dial", { ...base, Extensions: ["151"], ExtTrunk: "375173360000" }],
      ["hangup", { ...base, CallStatus: "0" }],
    ];
    let isWhole = true;
    for (const [index, [event, body]] of events.entries()) {
      const mark = `${uniqueId}/${index}`;
      const isTaken = await this.#post(event, enterprise, {
        ...body,
        UniqueId: uniqueId,
        Mark: mark,
        // Agents give one; what has one may be posted again, also to another node.
        ...(number % 2 === 0 ? { EventId: mark } : {}),
      });
      if (isTaken) this.acknowledged.push({ enterprise, mark });
      else this.refused += 1;
      isWhole &&= isTaken;
    }
    if (isWhole) this.calls.push({ enterprise, uniqueId });
  }

  /** Calls one after another, some at once, until stopped. */
  traffic({ lanes = 4, pauseMs = 20 } = {}): { stop(): Promise<void> } {
    let isOver = false;
    const lane = async (): Promise<void> => {
      while (!isOver) {
        await this.call();
        await Bun.sleep(pauseMs);
      }
    };
    const all = Array.from({ length: lanes }, lane);
    return {
      stop: async () => {
        isOver = true;
        await Promise.all(all);
      },
    };
  }

  /** The text of every file of an enterprise on a node, by its name. */
  filesOf(node: ClusterNodeProcess, enterprise: string): ReadonlyMap<string, string> {
    const folder = join(node.dir, enterprise);
    if (!existsSync(folder)) return new Map();
    const names = readdirSync(folder).filter((name) => name.startsWith("events.log"));
    return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  }

  /** As an operator's mistake, or a server's, takes it away. */
  async deleteStream(): Promise<void> {
    await this.#onBus((bus) => bus.remove());
  }

  /** Waits until every server has the whole stream, as an upgrade does before it goes on with the next. */
  async serversWhole(): Promise<void> {
    await this.until("every server has the whole stream", () =>
      this.#onBus(async (bus) => {
        const state = await bus.state();
        return state !== undefined && state.awayServers.length === 0;
      }).catch(() => false),
    );
  }

  /** Which node does what, by the lease's key. */
  async leases(): Promise<Readonly<Record<string, string>>> {
    const survey = { now: Date.now(), servers: 3 };
    return this.#onBus(async (bus) => (await surveyCluster(bus, survey)).leases);
  }

  async #onBus<T>(work: (bus: Bus) => Promise<T>): Promise<T> {
    const bus = await connectBus({ servers: this.nats.urls }, "test");
    try {
      return await work(bus);
    } finally {
      await bus.close();
    }
  }

  /** How often each acknowledged event is on record on a node. */
  counts(node: ClusterNodeProcess): {
    readonly lost: number;
    readonly twice: number;
    readonly torn: number;
    readonly misfiled: number;
  } {
    const seen = new Map<string, number>();
    let torn = 0;
    let misfiled = 0;
    for (const enterprise of ENTERPRISES) {
      for (const [name, text] of this.filesOf(node, enterprise)) {
        if (text !== "" && !text.endsWith("\n")) torn += 1;
        for (const line of text.split("\n").slice(0, -1)) {
          if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\|(AST|TG|HTTP)\|/.test(line)) torn += 1;
          const day = /^events\.log\.(.+)$/.exec(name)?.[1];
          if (day !== undefined && !line.startsWith(day)) misfiled += 1;
          const mark = /"Mark":"([^"]+)"/.exec(line)?.[1];
          if (mark !== undefined)
            seen.set(`${enterprise} ${mark}`, (seen.get(`${enterprise} ${mark}`) ?? 0) + 1);
        }
      }
    }
    const times = this.acknowledged.map(
      ({ enterprise, mark }) => seen.get(`${enterprise} ${mark}`) ?? 0,
    );
    return {
      lost: times.filter((count) => count === 0).length,
      twice: [...seen.values()].filter((count) => count > 1).length,
      torn,
      misfiled,
    };
  }

  /** Whether the nodes that run have the same bytes. */
  areEqual(nodes = this.nodes.filter(({ binary }) => binary !== undefined)): boolean {
    const [first, ...others] = nodes.map((node) =>
      JSON.stringify(ENTERPRISES.map((enterprise) => [...this.filesOf(node, enterprise)])),
    );
    return others.every((other) => other === first);
  }

  /** Whether the nodes that run have the same records, in whatever order. */
  haveSame(): boolean {
    const running = this.nodes.filter(({ binary }) => binary !== undefined);
    const [first, ...others] = running.map((node) =>
      ENTERPRISES.map((enterprise) =>
        [...this.filesOf(node, enterprise).values()]
          .flatMap((text) => text.split("\n"))
          .map((line) => /"Mark":"[^"]+"/.exec(line)?.[0] ?? line.slice(STAMP_LENGTH))
          .sort()
          .join("\n"),
      ).join("\n\n"),
    );
    return others.every((other) => other === first);
  }

  /** Calls whose final card does not stand in a chat exactly once, and cards that are not final. */
  cards(): { readonly withoutFinal: number; readonly doubled: number; readonly standing: number } {
    const { without, standing, doubled } = this.#chats();
    return { withoutFinal: without.length, doubled, standing: standing.length };
  }

  #chats(): {
    readonly without: readonly string[];
    readonly standing: readonly string[];
    readonly doubled: number;
  } {
    const without: string[] = [];
    const standing: string[] = [];
    let doubled = 0;
    for (const chat of CHATS) {
      const finals = new Map<string, number>();
      for (const text of this.bot.texts(chat)) {
        const key = (/ 29 (\d{3} \d\d \d\d)/.exec(text)?.[1] ?? "").replaceAll(" ", "");
        if (isFinal(text)) finals.set(key, (finals.get(key) ?? 0) + 1);
        else standing.push(text);
      }
      for (const { enterprise, uniqueId } of this.calls) {
        const count = finals.get(tailOf(Number(uniqueId.split(".")[1]))) ?? 0;
        if (count === 0) without.push(`${chat} ${enterprise} ${uniqueId}`);
        if (count > 1) doubled += 1;
      }
    }
    return { without, standing, doubled };
  }

  /** What is on record of the first calls that are not told as they should be. */
  #untold(): string {
    const { without, standing } = this.#chats();
    const lines = without.slice(0, 3).flatMap((call) => {
      const [, enterprise = "", uniqueId = ""] = call.split(" ");
      const texts = this.nodes
        .slice(0, 1)
        .flatMap((node) => [...this.filesOf(node, enterprise).values()]);
      const own = texts.flatMap((text) =>
        text.split("\n").filter((line) => line.includes(uniqueId)),
      );
      return [call, ...own.map((line) => `  ${line.slice(0, 160)}`)];
    });
    return [
      `${without.length} without, ${standing.length} standing`,
      ...lines,
      ...standing.slice(0, 3),
    ].join("\n");
  }

  /** Waits for a condition, looked at every half second. @throws Error with what was waited for, after that time */
  async until(
    what: string,
    isSo: () => boolean | Promise<boolean>,
    withinMs = 60_000,
  ): Promise<void> {
    const end = performance.now() + withinMs;
    while (!(await isSo())) {
      if (performance.now() > end)
        throw new Error(
          `not within ${withinMs} ms: ${what}\n${JSON.stringify(this.verdict())}\n${this.#untold()}\n${this.#tails()}`,
        );
      await Bun.sleep(500);
    }
  }

  /**
   * Everything that was acknowledged is on every node that runs, and the nodes are equal.
   *
   * @param isOrderFree whether it is enough that they have the same records
   */
  async settled(withinMs = 60_000, isOrderFree = false): Promise<void> {
    const running = (): ClusterNodeProcess[] =>
      this.nodes.filter(({ binary }) => binary !== undefined);
    await this.until(
      "all nodes have everything",
      () =>
        running().every((node) => this.counts(node).lost === 0) &&
        (isOrderFree ? this.haveSame() : this.areEqual()),
      withinMs,
    );
  }

  /**
   * Every call has its final card in every chat, and nothing else stands there.
   *
   * @param orphans so many cards may stand beside
   */
  async told(withinMs = 60_000, orphans = 0): Promise<void> {
    await this.until(
      "the chats have all final cards",
      () => {
        const { withoutFinal, standing } = this.cards();
        return withoutFinal === 0 && standing <= orphans;
      },
      withinMs,
    );
  }

  /** What is held against what was promised, over all nodes that run. */
  verdict(): Verdict {
    const running = this.nodes.filter(({ binary }) => binary !== undefined);
    const counts = running.map((node) => this.counts(node));
    const most = (name: keyof ReturnType<ClusterWorld["counts"]>): number =>
      Math.max(...counts.map((count) => count[name]));
    return {
      acknowledged: this.acknowledged.length,
      nodes: running.length,
      lost: most("lost"),
      twice: most("twice"),
      torn: most("torn"),
      misfiled: most("misfiled"),
      equal: this.areEqual(),
      ...this.cards(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => this.killNode(node)));
    await Promise.all([this.nats.stop(), this.postgres.stop(), this.bot.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #post(event: string, enterprise: string, body: object): Promise<boolean> {
    const running = this.nodes.filter(({ binary }) => binary !== undefined);
    const attempts = "EventId" in body ? running.length : 1;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const node = running[(this.#number + attempt) % running.length];
      const base = node?.binary?.webhooksUrl;
      if (base === undefined) continue;
      const began = performance.now();
      try {
        const request = post(`/${event}`, { Token: tokenOf(enterprise), ...body }, { base });
        const { status } = await fetch(request, { signal: AbortSignal.timeout(5000) });
        this.latencies.push(performance.now() - began);
        if (status === 200) return true;
      } catch {
        // A node that was killed: a sender goes on with the next one.
      }
    }
    return false;
  }

  async #fillDirectory(): Promise<void> {
    const options = { cwd: this.folder, env: { DATABASE_URL: this.postgres.url } };
    const migrated = await runBinary(["migrate"], options);
    if (migrated.code !== 0) throw new Error(`cannot migrate: ${migrated.stderr}`);
    for (const number of ENTERPRISES) {
      await addEnterprise(
        { number, webhookToken: tokenOf(number), secret: secretOf(number) },
        options,
      );
      await runBinary(["enterprise", "set", number, "--bot-token", BOT], options);
      for (const chat of CHATS)
        await runBinary(
          ["user", "add", chat, "--enterprise", number, "--first-name", "T"],
          options,
        );
    }
  }

  #tails(): string {
    return this.nodes
      .map(
        ({ name, binary }) =>
          `${name}:\n${binary?.log().split("\n").slice(-12).join("\n") ?? "(not running)"}`,
      )
      .join("\n");
  }
}

/** The last seven digits of the number of a call: no two calls have the same. */
const tailOf = (call: number): string => String(5_300_000 + call);

const isFinal = (text: string): boolean => /❌|📵|не поднял|Пропущен|пропущен/i.test(text);
