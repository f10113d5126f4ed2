// Determines the direction of a call, who placed it and to whom, from its first channel and from who dials whom. Fixed
// once a party was dialled, whatever becomes of the call.

import { dialledNumber, isExtensionNumber, known, plainNumber } from "../../asterisk/index.ts";
import type { Call, Channel, Fields } from "./calls-under-way.ts";
import type { Peers } from "./peers.ts";

/** `ChannelState` of a channel that was made to call somebody, and of one that calls. */
const DOWN = "0";
const RING = "4";

const isFirst = ({ id, call }: Channel): boolean => id === call.id;

/** Whether the call's first channel is known to have placed it itself. */
export const hasCaller = (call: Call): boolean =>
  !call.isOriginated && (call.type !== undefined || call.ownExtension !== "");

/** Says what the first channel of a call tells of it. */
export const placeFirst = (channel: Channel, fields: Fields): void => {
  const { call } = channel;
  if (!isFirst(channel) || call.type !== undefined || call.isOriginated) return;
  const exten = known(fields.get("Exten"));
  if (channel.kind === "inner" || fields.get("ChannelState") === DOWN) call.isOriginated = true;
  else if (channel.kind === "extension") {
    // Whom it reaches says what sort of call it is, not what was dialled.
    call.ownExtension = channel.number;
    call.dialled ||= exten;
  } else {
    call.type = 0;
    call.phone = plainNumber(fields.get("CallerIDNum"));
    call.did = exten;
    call.trunk = channel.peer;
  }
};

/** The first channel calls by itself, though it was made `Down` as those are that Asterisk was asked for (chan_sip). */
export const placeCalling = (channel: Channel, fields: Fields): void => {
  const { call } = channel;
  if (!isFirst(channel) || channel.kind === "inner" || call.ownLeg !== undefined) return;
  if (call.isOriginated) {
    call.isOriginated = false;
    placeFirst(channel, new Map(fields).set("ChannelState", RING));
  } else if (channel.kind === "extension" && call.type === undefined && call.dialled === "") {
    // A phone that is picked up before a number is dialled (DAHDI).
    call.dialled = known(fields.get("Exten"));
  }
};

/** Whether a message says that its channel calls. */
export const isCalling = (fields: Fields): boolean => fields.get("ChannelState") === RING;

/** The phone of whoever had the call placed is rung: that is no dial yet. */
export const ownPhoneRings = (
  call: Call,
  leg: Channel,
  dialString: string,
  callerId: string,
): void => {
  call.isOriginated = true;
  call.type = undefined;
  call.ownLeg = leg;
  leg.isDialled = false;
  if (leg.kind === "extension") call.ownExtension = leg.number;
  else {
    // The outside party is called first, then connected to a phone of ours.
    call.type = 1;
    leg.number = dialledNumber(dialString, callerId);
    call.phone = leg.number;
    call.trunk = leg.peer;
  }
};

/** A call to somebody of ours that a mobile is dialled for stays internal. */
const isForwarded = (call: Call, leg: Channel, peers: Peers): boolean =>
  call.dialled !== leg.number && isExtensionNumber(call.dialled) && peers.isExtension(call.dialled);

/**
 * Says what a dialled leg tells of its call.
 *
 * @returns the number on our side that rings by it: the leg's, or of an outgoing call that of its caller
 */
export const placeByDial = (
  call: Call,
  caller: Channel | undefined,
  leg: Channel,
  peers: Peers,
): string => {
  const isTrunk = leg.kind === "trunk";
  if (call.type === undefined) {
    // Where the first channel was not seen, who dialled says what sort of call it is.
    if (caller?.kind === "trunk" && call.ownExtension === "") call.type = 0;
    else call.type = isTrunk && !isForwarded(call, leg, peers) ? 1 : 2;
    if (caller?.kind === "extension" && call.ownExtension === "") {
      call.ownExtension = caller.number;
    }
  }
  const isOutwards = call.type === 1 && isTrunk && call.answeredAt === undefined;
  if (isOutwards && call.ownLeg?.kind !== "trunk") {
    call.phone = leg.number;
    call.trunk = leg.peer;
  } else if (call.type === 1 && call.ownExtension === "") call.ownExtension = leg.number;
  return isOutwards && call.ownExtension !== "" ? call.ownExtension : leg.number;
};

/** Numbers this long are of the telephone network. */
const TELEPHONE_DIGITS = 7;

/** Says what a call was that ended before anybody was dialled. */
export const placeUndialled = (call: Call, peers: Peers): void => {
  if (call.type !== undefined || call.ownExtension === "") return;
  const number = plainNumber(call.dialled);
  if (call.ownLeg !== undefined) {
    call.type = peers.isExtension(number) ? 2 : 1;
    if (call.type === 1) call.phone = number;
    else call.rung.add(number);
    return;
  }
  if (call.isOriginated) return;
  const isOutwards = number.replace(/\D/g, "").length >= TELEPHONE_DIGITS && !/[*#]/.test(number);
  call.type = isOutwards ? 1 : 2;
  if (isOutwards) {
    call.phone = number;
    return;
  }
  if (call.answeredAt !== undefined || call.isMerged) return;
  // Answered by the dialplan alone, or a feature code: nobody was called.
  call.isService = call.wasUp || !isExtensionNumber(number);
  if (!call.isService) call.rung.add(number);
};
