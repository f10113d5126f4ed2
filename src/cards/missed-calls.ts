// Which missed calls of an enterprise may still change, by subscriber, so that a call that concerns none of them costs
// nothing. Only ids and numbers are kept, of one window; what became of a call is read from the history of its number
// every time. After a start the history tells which there are.

import {
  type AssembledCall,
  type Call,
  type CallHistory,
  type FollowUp,
  isOwed,
  type ListFollowRules,
} from "../call/index.ts";
import { isWithheld, subscriberKey } from "../domain/phone.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { CardFollow } from "./follow.ts";

export type MissedCallsOptions = {
  readonly history: Pick<CallHistory, "followUpsOf" | "missedSince">;
  /** Of an enterprise: it may have a country of its own. */
  readonly rulesOf: (enterprise: string) => Promise<ListFollowRules>;
  readonly clock: Clock;
  readonly log: Log;
};

type Missed = { readonly uniqueId: string; readonly at: number };
type Subscriber = { missed: Missed[]; isOpen: boolean };

/** Of a row, the newest card tells, and the one before it says that its caller called again. */
const CONCERNED = 2;
/** Of one subscriber that many ids are kept. */
const MAX_KEPT = 40;

export class MissedCalls implements CardFollow {
  readonly #options: MissedCallsOptions;
  readonly #byEnterprise = new Map<string, Map<string, Subscriber>>();
  readonly #rules = new Map<string, ListFollowRules>();

  constructor(options: MissedCallsOptions) {
    this.#options = options;
  }

  /** Subscribers whom nobody has called back. */
  get openCount(): number {
    let count = 0;
    for (const enterprise of this.#byEnterprise.keys()) count += this.openIn(enterprise).length;
    return count;
  }

  /** The newest missed calls of an enterprise's subscribers whom nobody has called back, as far as is known without reading. */
  openIn(enterprise: string): readonly { readonly uniqueId: string; readonly at: number }[] {
    const found: Missed[] = [];
    for (const { isOpen, missed } of this.#byEnterprise.get(enterprise)?.values() ?? []) {
      const newest = missed.at(-1);
      if (isOpen && newest !== undefined) found.push(newest);
    }
    return found;
  }

  /**
   * Takes up the missed calls of an enterprise that may still change, as its files have them.
   *
   * @returns those whose cards may say something else than they should; undefined while days are still being read
   */
  async takeUp(enterprise: string): Promise<readonly string[] | undefined> {
    const { history, clock } = this.#options;
    const rules = await this.#rulesOf(enterprise);
    const { missed, isComplete } = await history.missedSince(
      enterprise,
      clock.now() - rules.windowMs,
      rules,
    );
    for (const { uniqueId, startedAt, subscriber, followUp } of missed)
      this.#keep(enterprise, subscriber, { uniqueId, at: startedAt }, followUp);
    return isComplete ? missed.map(({ uniqueId }) => uniqueId) : undefined;
  }

  async followUpOf(
    { call }: Pick<AssembledCall, "call">,
    uniqueId: string,
  ): Promise<FollowUp | null | undefined> {
    const { enterprise, phone, startedAt } = call;
    if (!isOwed(call) || phone === null || startedAt === null || isWithheld(phone)) return null;
    const { history, log } = this.#options;
    try {
      const rules = await this.#rulesOf(enterprise);
      const period = { from: startedAt, to: startedAt + 1 };
      const found = await history.followUpsOf(enterprise, phone, period, rules);
      if (!found.isComplete) return undefined;
      const followUp = found.ofMissed.get(uniqueId) ?? null;
      const key = subscriberKey(phone, rules.country);
      if (followUp !== null) this.#keep(enterprise, key, { uniqueId, at: startedAt }, followUp);
      return followUp;
    } catch (error) {
      log.error("cannot tell on a card what became of a missed call", {
        enterprise,
        uniqueId,
        error,
      });
      return undefined;
    }
  }

  concernedBy({ call }: { readonly call: Call }, uniqueId: string): readonly string[] {
    const { enterprise, phone, direction } = call;
    const isOutside = direction === "incoming" || direction === "outgoing";
    const known = this.#byEnterprise.get(enterprise);
    const rules = this.#rules.get(enterprise);
    if (!isOutside || phone === null || known === undefined || rules === undefined) return [];
    const subscriber = known.get(subscriberKey(phone, rules.country));
    if (subscriber === undefined) return [];
    const since = this.#options.clock.now() - rules.windowMs;
    subscriber.missed = subscriber.missed.filter(({ at }) => at >= since);
    if (subscriber.missed.length === 0) known.delete(subscriberKey(phone, rules.country));
    return subscriber.missed
      .slice(-CONCERNED)
      .map((missed) => missed.uniqueId)
      .filter((id) => id !== uniqueId);
  }

  async #rulesOf(enterprise: string): Promise<ListFollowRules> {
    const rules = await this.#options.rulesOf(enterprise);
    this.#rules.set(enterprise, rules);
    return rules;
  }

  #keep(enterprise: string, subscriber: string, missed: Missed, followUp: FollowUp): void {
    const known = this.#byEnterprise.get(enterprise) ?? new Map<string, Subscriber>();
    this.#byEnterprise.set(enterprise, known);
    const own = known.get(subscriber) ?? { missed: [], isOpen: false };
    known.set(subscriber, own);
    if (!own.missed.some(({ uniqueId }) => uniqueId === missed.uniqueId)) {
      own.missed = [...own.missed, missed].sort((a, b) => a.at - b.at).slice(-MAX_KEPT);
    }
    if (followUp.stands) own.isOpen = followUp.state === "open";
  }
}
