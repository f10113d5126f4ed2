// What people who open an invitation, or leave, are told, in Russian and English. Plain text: the caller makes it safe.

import type { CardLang } from "../cards/text.ts";

export type DoorTexts = {
  /** @param enterprise its name, or its number */
  readonly joined: (enterprise: string) => string;
  readonly already: (enterprises: string) => string;
  readonly used: string;
  readonly expired: string;
  readonly unknown: string;
  /** Somebody pressed Start without an invitation. */
  readonly stranger: (chatId: string) => string;
  readonly left: (enterprises: string) => string;
  readonly notThere: string;
  /** Something of ours failed. */
  readonly later: string;
};

const ru: DoorTexts = {
  joined: (enterprise) =>
    `✅ Готово: сюда будут приходить карточки звонков (${enterprise}).\nЧтобы отказаться от них, отправьте /stop.`,
  already: (enterprises) =>
    `Сюда уже приходят карточки звонков (${enterprises}).\nЧтобы отказаться от них, отправьте /stop.`,
  used: "Это приглашение уже использовано. Попросите новое у того, кто его прислал.",
  expired: "Срок этого приглашения истёк. Попросите новое у того, кто его прислал.",
  unknown: "Это приглашение не действует. Попросите новое у того, кто его прислал.",
  stranger: (chatId) =>
    `Этот бот присылает карточки звонков тем, кого пригласили. Приглашение даёт администратор.\nНомер этого чата: ${chatId}`,
  left: (enterprises) =>
    `Карточки звонков (${enterprises}) больше не будут приходить сюда.\nВернуться можно по новому приглашению.`,
  notThere: "Сюда и так не приходят карточки звонков.",
  later: "Сейчас не получилось. Попробуйте ещё раз через несколько минут.",
};

const en: DoorTexts = {
  joined: (enterprise) =>
    `✅ Done: call cards will come here (${enterprise}).\nSend /stop to get no more of them.`,
  already: (enterprises) =>
    `Call cards come here already (${enterprises}).\nSend /stop to get no more of them.`,
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

/** Languages whose speakers are likelier to read Russian than English. */
const READ_RUSSIAN = new Set(["ru", "be", "uk", "kk", "ky", "uz", "tg", "hy", "az"]);

/**
 * @param languageCode as the sender's Telegram has it, such as `en-GB`
 * @param standard where it has none
 */
export const doorTexts = (languageCode: string | undefined, standard: CardLang): DoorTexts => {
  if (languageCode === undefined) return standard === "ru" ? ru : en;
  return READ_RUSSIAN.has(languageCode.split("-", 1)[0]?.toLowerCase() ?? "") ? ru : en;
};
