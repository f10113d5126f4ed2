// Who stands at the two ends of a row: the same judgement as for live calls, over what a row has of the evidence.

import {
  cleanNumber,
  dialledNumber,
  type Endpoint,
  isExtensionNumber,
  localPair,
  readChannelName,
} from "../../../asterisk/index.ts";
import type { Peers } from "../../ami/index.ts";
import type { CdrRow } from "./row.ts";

export type End = {
  readonly kind: Endpoint["kind"];
  /** Of an extension what people dial, of a line what was dialled over it or what it showed; "" where not known. */
  readonly number: string;
  /** The line's name; "" of others. */
  readonly line: string;
  /** The channel's name; "" where the row has none. */
  readonly channel: string;
};

/** A context is the one a row ended in. This one a trunk's channel comes to as well, after a transfer. */
const INTERNAL = /^from-internal/;

const callerEvidence = (row: CdrRow): { context: string; callerId: string } => {
  const { peer } = readChannelName(row.channel);
  const callerId = cleanNumber(row.src) ?? "";
  const isShort = isExtensionNumber(callerId) || isExtensionNumber(peer);
  const context = INTERNAL.test(row.context) && !isShort ? "" : row.context;
  // The company's number, shown by one of its extensions.
  const isCompanys = isExtensionNumber(peer) && !isExtensionNumber(callerId);
  return { context: /xfer/.test(context) ? "" : context, callerId: isCompanys ? "" : callerId };
};

/** What `Dial` was told for a channel: `151` of `PJSIP/151&PJSIP/152,30,tr` for `PJSIP/151-0000000a`. */
const dialString = ({ app, appData, dstChannel }: CdrRow): string => {
  if (!/^dial$/i.test(app)) return "";
  const { technology, peer } = readChannelName(dstChannel);
  const prefix = `${technology}/`.toLowerCase();
  for (const piece of (appData.split(",")[0] ?? "").split("&")) {
    if (!piece.toLowerCase().startsWith(prefix)) continue;
    const told = piece.slice(prefix.length);
    if (told === peer || told.startsWith(`${peer}/`) || told.endsWith(`@${peer}`)) return told;
  }
  return "";
};

const lineEnd = (channel: string, number: string): End => ({
  kind: "trunk",
  number,
  line: readChannelName(channel).peer,
  channel,
});

const byNumber = (number: string, isLine: boolean): End =>
  !isLine && isExtensionNumber(number)
    ? { kind: "extension", number, line: "", channel: "" }
    : { kind: number === "" ? "inner" : "trunk", number, line: "", channel: "" };

/** Who placed the row: `inner` where a channel of the PBX itself did. */
export const callerOf = (row: CdrRow, peers: Peers): End => {
  const number = cleanNumber(row.src) ?? "";
  if (row.channel === "") return byNumber(number, row.isFromLine);
  if (row.isFromLine) return lineEnd(row.channel, number);
  const judged = peers.judge(readChannelName(row.channel), callerEvidence(row));
  if (judged.kind === "trunk") return lineEnd(row.channel, number);
  return { kind: judged.kind, number: judged.number, line: "", channel: row.channel };
};

/** Who was put through to, or rung; undefined where nobody was. */
export const calledOf = (row: CdrRow, peers: Peers): End | undefined => {
  const dialled = cleanNumber(row.dst) ?? "";
  if (row.dstChannel === "") {
    return row.isByNumber && dialled !== "" ? byNumber(dialled, row.isToLine) : undefined;
  }
  const told = dialString(row);
  const over = dialledNumber(told, "") || dialled;
  if (row.isToLine) return lineEnd(row.dstChannel, over);
  const name = readChannelName(row.dstChannel);
  const judged = peers.judge(name, told === "" ? {} : { dialString: told });
  if (judged.kind === "trunk") return lineEnd(row.dstChannel, over);
  if (judged.kind === "extension") {
    return { kind: "extension", number: judged.number, line: "", channel: row.dstChannel };
  }
  return { kind: "inner", number: "", line: "", channel: row.dstChannel };
};

/** The extension that a pipe leads to by its name: 151 of `Local/151@from-queue-0000000a;1`. */
export const pipeTo = (channel: string): string => {
  const number = readChannelName(channel).peer.split("@")[0] ?? "";
  return isExtensionNumber(number) ? number : "";
};

/** What channels of one call have in common by their names: themselves, and the two halves of a pipe. */
export const nameKey = (channel: string): string => localPair(channel) ?? channel;
