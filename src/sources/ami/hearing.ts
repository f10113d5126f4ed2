// What a message of the manager interface says of one channel: who it is, whether it was answered, by what of the dialplan, and
// whether it can be followed at all. Pure; what becomes of it is the mapper's.

import { keptId, plainNumber } from "../../asterisk/index.ts";
import type { Call, Fields, Heard } from "./calls-under-way.ts";

/** `ChannelState` of a channel that was answered. */
export const UP = "6";
const MENU = /^(?:background|waitexten|read|playback|ivr)/i;
const MENU_CONTEXT = /^(?:ivr-|app-announcement)/;
const VOICEMAIL = /^(?:mini)?(?:vm|voicemail)/i;
const VOICEMAIL_CONTEXT = /^(?:macro-vm|app-vm|vm-|voicemail)/;

/** What of the PBX answers a call, by an application of the dialplan or by the context of one that is known for it. */
export const reachedBy = (application: string, fields: Fields): Call["reached"] => {
  const context = fields.get("Context") ?? "";
  if (VOICEMAIL.test(application) || VOICEMAIL_CONTEXT.test(context)) return "voicemail";
  return MENU.test(application) || MENU_CONTEXT.test(context) ? "menu" : "";
};

/** Who a channel is, as the message says. @param prefix `Dest` of the one that is dialled */
export const heardIn = (fields: Fields, prefix: "" | "Dest", dialString: string): Heard => ({
  name: fields.get(`${prefix}Channel`) ?? "",
  callerId: plainNumber(fields.get(`${prefix}CallerIDNum`)),
  context: fields.get(`${prefix}Context`) ?? "",
  dialString,
});

/** How long Asterisk runs, as `FullyBooted` says, in milliseconds; undefined where it does not say. */
export const uptimeMs = (fields: Fields): number | undefined => {
  const seconds = fields.get("Uptime") ?? "";
  return /^\d{1,10}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
};

/** Why a channel cannot be followed; "" where it can. */
export const unreadable = (fields: Fields): string => {
  if (!fields.has("Linkedid")) {
    return "its events have no Linkedid, as those of Asterisk 11 and older: Asterisk 12 or later is needed";
  }
  const isKept = ["Uniqueid", "Linkedid"].every((name) => keptId(fields.get(name)) !== "");
  return isKept ? "" : "its unique ids are empty or longer than 128 characters";
};
