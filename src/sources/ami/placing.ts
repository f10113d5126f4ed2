// Determines the direction of a call, who placed it and to whom, from its first channel and from who dials whom. Fixed
// once a party was dialled, whatever becomes of the call.

import { dialledNumber, isExtensionNumber, known, plainNumber } from "../../asterisk/index.ts";
import type { Call, Channel, Fields } from "./calls-under-way.ts";

/** `ChannelState` of a channel that was made to call somebody. */
const DOWN = "0";

/** Says what the first channel of a call tells of it. */
export const placeFirst = (channel: Channel, fields: Fields): void => {
  const { call } = channel;
  if (channel.id !== call.id || call.type !== undefined || call.isOriginated) return;
  const exten = known(fields.get("Exten"));
  if (channel.kind === "inner") call.isOriginated = true;
  else if (channel.kind === "extension") {
    call.type = isExtensionNumber(exten) ? 2 : 1;
    call.ownExtension = channel.number;
    call.dialled = exten;
  } else if (fields.get("ChannelState") === DOWN && exten === "") call.isOriginated = true;
  else {
    call.type = 0;
    call.phone = plainNumber(fields.get("CallerIDNum"));
    call.did = exten;
    call.trunk = channel.peer;
  }
};

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

/**
 * Says what a dialled leg tells of its call.
 *
 * @returns the number on our side that rings by it: the leg's, or of an outgoing call that of its caller
 */
export const placeByDial = (call: Call, caller: Channel | undefined, leg: Channel): string => {
  const isTrunk = leg.kind === "trunk";
  if (call.type === undefined) {
    // The first channel was not seen: who dialled says what sort of call it is.
    if (caller?.kind === "trunk") call.type = 0;
    else call.type = isTrunk ? 1 : 2;
    if (caller?.kind === "extension" && call.ownExtension === "") {
      call.ownExtension = caller.number;
    }
  }
  // What was dialled says little by its length: who is reached first settles it. A short number that went out over a
  // trunk (112) is no extension, and a long one that an extension is rung for is an internal call.
  if (call.type === 2 && !call.isPlaced && isTrunk && leg.number === call.dialled) call.type = 1;
  const isFromExtension = caller?.id === call.id && caller.kind === "extension";
  if (call.type === 1 && !call.isPlaced && isFromExtension && leg.kind === "extension") {
    call.type = 2;
  }
  const isOutwards = call.type === 1 && isTrunk && call.answeredAt === undefined;
  if (isOutwards && call.ownLeg?.kind !== "trunk") {
    call.phone = leg.number;
    call.trunk = leg.peer;
  } else if (call.type === 1 && call.ownExtension === "") call.ownExtension = leg.number;
  return isOutwards && call.ownExtension !== "" ? call.ownExtension : leg.number;
};
