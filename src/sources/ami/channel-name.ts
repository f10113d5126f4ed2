// What channel names, numbers and dial strings of Asterisk say about who it is. A channel is judged by its name alone: an
// outside caller may show "152", and an extension shows the company's number once it calls out.

export type ChannelKind = "extension" | "trunk" | "inner";

export type ChannelName = {
  readonly kind: ChannelKind;
  /** What stands between the slash and the sequence: an extension, a trunk. */
  readonly peer: string;
};

/** What Asterisk makes for itself: pipes, announcers and recorders of conferences, stand-ins while a channel is moved. */
const INNER_TECHNOLOGIES = new Set([
  "Local",
  "Message",
  "AsyncGoto",
  "Announcer",
  "Recorder",
  "CBAnn",
  "CBRec",
  "Surrogate",
  "Snoop",
  "MulticastRTP",
  "UnicastRTP",
  "Bridge",
  "Parked",
]);

/** An extension's number, also as it is dialled. */
export const isExtension = (text: string): boolean => /^\d{2,4}$/.test(text);

/** Reads `Tech/peer-0000015c`, with `;1`, `;2` or `<ZOMBIE>` behind it where there is. */
export const readChannelName = (name: string): ChannelName => {
  const slash = name.indexOf("/");
  const technology = slash === -1 ? name : name.slice(0, slash);
  const peer = name
    .slice(slash + 1)
    .replace(/(?:<[A-Z]+>)+$/, "")
    .replace(/-[0-9A-Fa-f]+(?:;[12])?$/, "");
  if (INNER_TECHNOLOGIES.has(technology)) return { kind: "inner", peer };
  return { kind: isExtension(peer) ? "extension" : "trunk", peer };
};

/** A header's value; "" for what Asterisk writes where it knows none: `<unknown>`, and `s` for an extension. */
export const known = (text: string | undefined): string =>
  text === undefined || text === "<unknown>" || text === "s" ? "" : text;

/**
 * A number as it may be handed on: a remote caller can put anything into it, so that only what telephones dial is kept
 * (`+ 0-9 * #`), or a word such as `anonymous`; "" where nothing is left.
 */
export const plainNumber = (text: string | undefined): string => {
  const given = known(text).trim();
  if (/^[A-Za-z][A-Za-z0-9._ -]{1,31}$/.test(given)) return given;
  const dialled = /^[\s(]*(\+?[\d*#\s().-]*)/.exec(given)?.[1]?.replace(/[\s().-]/g, "") ?? "";
  return dialled === "+" ? "" : dialled;
};

/**
 * The number that was dialled over a trunk: `375296254070@mts` (PJSIP), `mts/375296254070` (SIP, IAX2, DAHDI) and
 * `mts/sip:375296254070@host` all name it.
 */
export const dialledNumber = (dialString: string, callerIdOfLeg: string): string => {
  const behindHost = /@[^/]*\/([^/@]+)$/.exec(dialString)?.[1];
  const dialled = behindHost ?? (dialString.split("@")[0] ?? "").replace(/^.*\//, "");
  const number = dialled.replace(/^(?:sips?|tel):/, "");
  return /^\+?[\d*#]{2,}$/.test(number) ? number : plainNumber(callerIdOfLeg);
};

/** The numbers of `name-epoch.sequence`, or undefined where the id is another. */
const partsOf = (uniqueId: string): [epoch: number, sequence: number] | undefined => {
  const match = /(\d+)\.(\d+)$/.exec(uniqueId);
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
};

/** Whether the channel named first was made before the other, as Asterisk itself compares linked ids. */
export const isOlder = (uniqueId: string, other: string): boolean => {
  const [own, its] = [partsOf(uniqueId), partsOf(other)];
  if (own === undefined || its === undefined) return false;
  return own[0] === its[0] ? own[1] < its[1] : own[0] < its[0];
};
