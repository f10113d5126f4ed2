// What sort of bridge it is. In a holding bridge (parking, music) nobody hears anybody; in a conference strangers meet.

export type BridgeKind = "ordinary" | "holding" | "conference";

/** What one message says of a bridge; "" where it says nothing. */
export type BridgeFacts = {
  /** `simple_bridge`, `native_rtp`, `softmix`, `holding_bridge`. */
  readonly technology: string;
  /** `basic`, `conference`, `holding`. */
  readonly type: string;
  /** `ConfBridge`, `BridgeWait`, `Parking`; "" for the bridge of a plain call. */
  readonly creator: string;
  /**
   * Whether this was said when it was made. One that was made simple and grew to a mixing one when a third party joined is
   * an ordinary conversation.
   */
  readonly isNew: boolean;
};

const HOLDING = /bridgewait|park/i;
const CONFERENCE = /confbridge/i;

/** Whether an application (`ConfBridge`, `BridgeWait`, `Park`) is one that makes bridges of another kind than calls do. */
export const makesSpecialBridge = (application: string): boolean =>
  HOLDING.test(application) || CONFERENCE.test(application);

/** The kind of a bridge by one message; `bridgeKind` weighs all of them. */
export const bridgeKindOf = (facts: BridgeFacts): BridgeKind => {
  const technology = facts.technology.toLowerCase();
  const type = facts.type.toLowerCase();
  const isHolding =
    technology.startsWith("holding") || type.startsWith("holding") || HOLDING.test(facts.creator);
  if (isHolding) return "holding";
  const isMadeMixing = facts.isNew && technology === "softmix" && type !== "basic";
  const isConference =
    isMadeMixing || type.startsWith("conference") || CONFERENCE.test(facts.creator);
  return isConference ? "conference" : "ordinary";
};

/** The kind of a bridge from everything that was said of it: holding outweighs conference, both outweigh ordinary. */
export const bridgeKind = (said: Iterable<BridgeFacts>): BridgeKind => {
  let kind: BridgeKind = "ordinary";
  for (const facts of said) {
    const one = bridgeKindOf(facts);
    if (one === "holding") return one;
    if (one === "conference") kind = one;
  }
  return kind;
};
