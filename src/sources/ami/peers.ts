// What is known of the peers of one Asterisk: which are extensions, which are lines, and by what that was judged. Learned
// from every call, kept over restarts. Invariant: what was learned by stronger evidence is not undone by weaker.

import { LRUCache } from "lru-cache";
import {
  type ChannelName,
  type Endpoint,
  type EndpointKind,
  type Evidence,
  type EvidenceKind,
  endpointOf,
  isAsStrong,
} from "../../asterisk/index.ts";

/** What an operator says of the peers of a PBX: names, or patterns with `*`, of a peer (`mts*`) or a channel (`SIP/5061`). */
export type PeerRules = {
  readonly trunks: readonly string[];
  readonly extensions: readonly string[];
};

/** A peer as it is understood. */
export type KnownPeer = {
  /** `PJSIP/151`. */
  readonly name: string;
  readonly kind: Exclude<EndpointKind, "inner">;
  /** What people dial to reach an extension; "" of a line. */
  readonly number: string;
  readonly by: EvidenceKind;
};

/** Peers that are remembered of one PBX; whoever scans it from the internet shows a new name at every call. */
const MAX_PEERS = 10_000;

const patternOf = (text: string): RegExp =>
  new RegExp(`^${text.split("*").map(RegExp.escape).join(".*")}$`, "s");

const nameOf = ({ technology, peer }: ChannelName): string => `${technology}/${peer}`;

/** The peers of one PBX. */
export class Peers {
  readonly #numbers = new Map<string, number>();
  readonly #known = new LRUCache<string, KnownPeer>({
    max: MAX_PEERS,
    dispose: (peer) => this.#count(peer, -1),
  });
  readonly #trunks: readonly RegExp[];
  readonly #extensions: readonly RegExp[];
  /** Counts what was learned, so that it is kept only where it is new. */
  changes = 0;

  constructor(rules: PeerRules = { trunks: [], extensions: [] }, known: readonly KnownPeer[] = []) {
    this.#trunks = rules.trunks.map(patternOf);
    this.#extensions = rules.extensions.map(patternOf);
    // What an operator said is read from the settings alone.
    for (const peer of known.filter(({ by }) => by !== "told").toReversed()) this.#keep(peer);
    this.changes = 0;
  }

  /** Judges the peer of a channel by the evidence and by what is known, and remembers it. */
  judge(channel: ChannelName, evidence: Omit<Evidence, "told" | "isKnownTrunk">): Endpoint {
    const name = nameOf(channel);
    const known = this.#known.get(name);
    const fresh = endpointOf(channel, {
      ...evidence,
      told: (peer) => this.#told(peer),
      isKnownExtension: (number) => this.isExtension(number) && known?.number !== number,
    });
    if (fresh.kind === "inner") return fresh;
    const stands = known !== undefined && this.#stands(known, fresh) ? known : fresh;
    const { by } = stands;
    const isLine = stands.kind !== "extension" || this.#showsOthers(known, stands);
    const kind = isLine ? "trunk" : "extension";
    const number = kind === "trunk" ? "" : this.#numberOf(channel, evidence, known);
    this.#keep({ name, kind, number, by });
    return { kind, peer: channel.peer, number, by };
  }

  /** Whether an extension of that number was seen. */
  isExtension(number: string): boolean {
    return (this.#numbers.get(number) ?? 0) > 0;
  }

  /** The same, each as the operator's word has it where there is one. */
  ruled(): KnownPeer[] {
    return this.list().map((peer) => {
      const [technology = "", name = ""] = peer.name.split(/\/(.*)/s);
      const kind = this.#told({ technology, peer: name, isInner: false });
      if (kind === undefined || kind === "inner") return peer;
      return { ...peer, kind, number: kind === "trunk" ? "" : peer.number, by: "told" };
    });
  }

  /** All peers that are known, those seen last first. */
  list(): KnownPeer[] {
    return [...this.#known.values()];
  }

  /** What it shows when it calls is its own; when it is rung, it may show what was dialled. */
  #numberOf(channel: ChannelName, evidence: Evidence, known: KnownPeer | undefined): string {
    const { number } = endpointOf(channel, { ...evidence, told: () => "extension" });
    const isOwn = number === evidence.callerId && (evidence.dialString ?? "") === "";
    const isTelling = known !== undefined && known.number !== "" && known.number !== channel.peer;
    return isTelling && !isOwn ? known.number : number;
  }

  #stands(known: KnownPeer, fresh: Endpoint): boolean {
    if (fresh.by === "told") return false;
    if (!isAsStrong(fresh.by, known.by)) return true;
    // A line shows every caller's number, a short one too; an extension shows its own alone.
    return fresh.by === known.by && known.by === "caller-id" && known.kind === "trunk";
  }

  /** Whether it shows one short number now and another then: those of callers, and none its own. */
  #showsOthers(known: KnownPeer | undefined, now: Pick<KnownPeer, "number" | "by">): boolean {
    const isByNumber = known?.by === "caller-id" && now.by === "caller-id";
    return isByNumber && known.kind === "extension" && known.number !== now.number;
  }

  #told(channel: ChannelName): EndpointKind | undefined {
    const names = [channel.peer, nameOf(channel)];
    const isAmong = (patterns: readonly RegExp[]): boolean =>
      patterns.some((pattern) => names.some((name) => pattern.test(name)));
    if (isAmong(this.#trunks)) return "trunk";
    return isAmong(this.#extensions) ? "extension" : undefined;
  }

  #keep(peer: KnownPeer): void {
    const before = this.#known.get(peer.name);
    const isSame =
      before?.kind === peer.kind && before.number === peer.number && before.by === peer.by;
    if (isSame) return;
    this.changes += 1;
    this.#known.set(peer.name, peer);
    this.#count(peer, 1);
  }

  #count(peer: KnownPeer, step: number): void {
    if (peer.number === "") return;
    const count = (this.#numbers.get(peer.number) ?? 0) + step;
    if (count > 0) this.#numbers.set(peer.number, count);
    else this.#numbers.delete(peer.number);
  }
}
