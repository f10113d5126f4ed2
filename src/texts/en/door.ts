// Invitations and leaving in English.

import type { DoorTexts } from "../types/door.ts";

export const en: DoorTexts = {
  joined: (enterprise) =>
    `✅ Done: call cards will come here (${enterprise}).\nChoose which and when: /settings. Get no more of them: /stop.`,
  already: (enterprises) =>
    `Call cards come here already (${enterprises}).\nChoose which and when: /settings. Get no more of them: /stop.`,
  used: "This invitation has been used already. Ask whoever sent it for a new one.",
  expired: "This invitation has expired. Ask whoever sent it for a new one.",
  unknown: "This invitation is not valid. Ask whoever sent it for a new one.",
  stranger: (chatId) =>
    `This bot sends call cards to those who were invited. Your administrator gives invitations.\nThe number of this chat: ${chatId}`,
  left: (enterprises) =>
    `No more call cards (${enterprises}) will come here.\nA new invitation lets you back in.`,
  notThere: "No call cards come here anyway.",
  later: "That did not work just now. Please try again in a few minutes.",
};
