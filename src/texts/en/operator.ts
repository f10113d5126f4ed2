// The operator's messages in English.

import type { OperatorTexts } from "../types/operator.ts";

export const en: OperatorTexts = {
  time: (stamp) => `${stamp.slice(0, 10)} ${stamp.slice(11, 16)}`,
  room: (gib, mib) => (gib === undefined ? `${mib} MB` : `${gib} GB`),
  silent: (who, since) =>
    `🔇 No events from enterprise ${who} since ${since}, though there usually are some at this time. Check its PBX and the network to it.`,
  silentOver: (who, since) =>
    `✅ Events come from enterprise ${who} again (there were none since ${since}).`,
  bot: (botId, enterprises, first) =>
    `🔑 Telegram no longer takes the token of bot ${botId} (${enterprises}): no cards arrive. Take a token from @BotFather and set it: calllog enterprise set ${first} --bot-token TOKEN`,
  botOver: (botId, enterprises) => `✅ Bot ${botId} (${enterprises}) works again.`,
  disk: (hours, room) => {
    const when =
      hours < 1
        ? "The disk with the records is full or about to be"
        : `The disk with the records will be full in about ${hours} h`;
    return `💽 ${when}: ${room} free. Make room: no events are taken on a full disk.`;
  },
  diskOver: "✅ There is room on the disk with the records again.",
  archive: (days) =>
    `🗄 The archive does not take finished days: ${days} ${days === 1 ? "waits" : "wait"} on this disk. Nothing is lost; calllog archive status and the log say why.`,
  archiveOver: "✅ The archive has all finished days again.",
  hook: (hook, target, enterprise) =>
    `🪝 ${target} takes no more events (it answered 410), webhook ${hook} of enterprise ${enterprise} is off. To turn it on again: calllog hook add ${enterprise} with the same address; to remove it: calllog hook remove ${enterprise} ${hook}`,
  hookOver: (hook, target) => `✅ Webhook ${hook} (${target}) is on again or removed.`,
  more: (count) => `… and ${count} more`,
};
