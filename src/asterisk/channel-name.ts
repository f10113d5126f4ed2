// What the name of an Asterisk channel says: `Tech/peer-0000015c`, with `;1`, `;2` or `<ZOMBIE>` behind it where there is.
// `PJSIP/151-0000015c` is a channel of the peer 151, `DAHDI/i2/291234567-1a` one of the line i2, `Local/152@internal-0a;1` one
// end of a pipe inside Asterisk. Who a peer is, is for endpoint.ts.

export type ChannelName = {
  /** `PJSIP`, `SIP`, `IAX2`, `DAHDI`, `Local`, …; "" where the text has no technology. */
  readonly technology: string;
  /** What stands between the slash and the sequence: an endpoint, a trunk, a port, a dialled number. */
  readonly peer: string;
  /** Asterisk made it for itself: it is nobody's telephone. */
  readonly isInner: boolean;
};

/** What Asterisk makes for itself: pipes, announcers and recorders of conferences, stand-ins while a channel is moved. */
const INNER_TECHNOLOGIES = new Set([
  "Local",
  "Message",
  "AsyncGoto",
  "Masq",
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

/** `<ZOMBIE>`, `<MASQ>`: marks of a channel that another one has taken the place of. */
const MARKS = /(?:<[A-Z]+>)+$/;
/** The number by which channels of one peer differ, hexadecimal or decimal, and the half of a pipe. */
const SEQUENCE = /-[0-9A-Fa-f]+(?:;[12])?$/;

/** Technologies whose peers are ports of a card: `DAHDI/33-1`, `DAHDI/i2/291234567-1a`, `mISDN/1-u12`, `Khomp/B0C1-0.0`. */
const PORT_TECHNOLOGIES = new Set(["DAHDI", "Zap", "mISDN", "Khomp", "Woomera", "vpb"]);

/** Whether the peers of a technology are ports of a card, so that a number among them is none that people dial. */
export const isPort = (technology: string): boolean => PORT_TECHNOLOGIES.has(technology);

const TECHNOLOGY = /^[A-Za-z][A-Za-z0-9]*$/;

/** `PJSIP` of `PJSIP/151-0000015c`; "" where nothing stands on one side of the slash, or no word before it. */
const technologyOf = (name: string): string => {
  const slash = name.indexOf("/");
  if (slash < 1 || slash === name.length - 1) return "";
  const technology = name.slice(0, slash);
  return TECHNOLOGY.test(technology) ? technology : "";
};

/** Reads any text: one without a slash is all peer, of no technology. */
export const readChannelName = (name: string): ChannelName => {
  const technology = technologyOf(name);
  const rest = technology === "" ? name : name.slice(technology.length + 1);
  const isInner = INNER_TECHNOLOGIES.has(technology) || name.startsWith("DAHDI/pseudo");
  const unmarked = rest.endsWith(">") ? rest.replace(MARKS, "") : rest;
  // Behind the port stands what was dialled over it, or a number of the conversation.
  const peer = isPort(technology)
    ? (unmarked.split("/")[0] ?? "").replace(/-[^-]*$/, "")
    : unmarked.replace(SEQUENCE, "");
  return { technology, peer, isInner };
};

/** The channel that a stand-in is named after: `PJSIP/151-0000015c` of `AsyncGoto/PJSIP/151-0000015c`; others as they are. */
export const standsFor = (name: string): string =>
  /^(?:AsyncGoto|Masq|Surrogate|Bridge|Parked)\/(.+\/.+)$/s.exec(name)?.[1] ?? name;

/** Whether it is one end of a pipe inside Asterisk, which passes on whoever is at its other end. */
export const isLocal = (name: string): boolean => name.startsWith("Local/");

/** `Local/152@from-internal-00000012` for both halves of a pipe; undefined where the channel is none. */
export const localPair = (name: string): string | undefined =>
  isLocal(name) ? /^(Local\/.+);[12]$/.exec(name)?.[1] : undefined;
