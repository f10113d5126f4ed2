// What the name of an Asterisk channel says: `Tech/peer-0000015c`, with `;1`, `;2` or `<ZOMBIE>` behind it where there is.
// `PJSIP/151-0000015c` is a channel of the peer 151, `DAHDI/i2/291234567-1a` one of the span i2, `Local/152@internal-0a;1` one
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

/** Reads any text: one without a slash is all peer, of no technology. */
export const readChannelName = (name: string): ChannelName => {
  const [, technology = "", rest = name] = /^([A-Za-z][A-Za-z0-9]*)\/(.+)$/s.exec(name) ?? [];
  const peer = rest.replace(MARKS, "").replace(SEQUENCE, "");
  return { technology, peer, isInner: INNER_TECHNOLOGIES.has(technology) };
};

/** The channel that a stand-in is named after: `PJSIP/151-0000015c` of `AsyncGoto/PJSIP/151-0000015c`; others as they are. */
export const standsFor = (name: string): string =>
  /^(?:AsyncGoto|Masq|Surrogate|Bridge|Parked)\/(.+\/.+)$/s.exec(name)?.[1] ?? name;

/** Whether it is one end of a pipe inside Asterisk, which passes on whoever is at its other end. */
export const isLocal = (name: string): boolean => name.startsWith("Local/");

/** `Local/152@from-internal-00000012` for both halves of a pipe; undefined where the channel is none. */
export const localPair = (name: string): string | undefined => /^(Local\/.+);[12]$/.exec(name)?.[1];
