// The operator's messages in Russian.

import type { OperatorTexts } from "../types/operator.ts";

export const ru: OperatorTexts = {
  time: (stamp) => `${stamp.slice(8, 10)}.${stamp.slice(5, 7)} ${stamp.slice(11, 16)}`,
  room: (gib, mib) => (gib === undefined ? `${mib} МБ` : `${gib.replace(".", ",")} ГБ`),
  silent: (who, since) =>
    `🔇 От предприятия ${who} нет событий с ${since}, хотя обычно в это время они есть. Проверьте АТС и сеть до неё.`,
  silentOver: (who, since) => `✅ От предприятия ${who} снова идут события (не было с ${since}).`,
  bot: (botId, enterprises, first) =>
    `🔑 Telegram больше не принимает токен бота ${botId} (${enterprises}): карточки не приходят. Возьмите токен у @BotFather и задайте его: calllog enterprise set ${first} --bot-token TOKEN`,
  botOver: (botId, enterprises) => `✅ Бот ${botId} (${enterprises}) снова работает.`,
  disk: (hours, room) => {
    const when =
      hours < 1
        ? "Диск с записями заполнен или вот-вот заполнится"
        : `Диск с записями заполнится примерно через ${hours} ч`;
    return `💽 ${when}: свободно ${room}. Освободите место: на полном диске события не принимаются.`;
  },
  diskOver: "✅ Места на диске с записями снова достаточно.",
  archive: (days) =>
    `🗄 Архив не принимает завершённые дни, на диске их ждёт: ${days}. Записи целы; причину покажут calllog archive status и журнал.`,
  archiveOver: "✅ Все завершённые дни снова в архиве.",
  hook: (hook, target, enterprise) =>
    `🪝 ${target} больше не принимает события (ответ 410), вебхук ${hook} предприятия ${enterprise} выключен. Включить снова: calllog hook add ${enterprise} с тем же адресом; убрать: calllog hook remove ${enterprise} ${hook}`,
  hookOver: (hook, target) => `✅ Вебхук ${hook} (${target}) больше не выключен или убран.`,
  more: (count) => `… и ещё ${count}`,
};
