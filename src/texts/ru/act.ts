// The act of an erasure in Russian.

import type { ActTexts } from "../types/act.ts";

export const ru: ActTexts = {
  title: "Акт об уничтожении персональных данных",
  enterprise: "Предприятие",
  subscriber: "Абонент",
  mark: "Метка вместо данных",
  at: "Дата и время (UTC)",
  by: "Исполнитель",
  reason: "Основание",
  found: (calls, lines, all) => `Найдено звонков: ${calls}, записей: ${lines} из ${all}.`,
  changed: (lines, days, archived) =>
    `Изменено записей: ${lines}; файлов за сутки: ${days}, из них в архиве: ${archived}.`,
  cards: (deleted, edited, failed) =>
    `Сообщения в Telegram: удалено ${deleted}, текст заменён ${edited}, не удалось ${failed}.`,
  versions: (removed) => `Удалено прежних версий объектов в архиве: ${removed}.`,
  left: "Что осталось и требует действий оператора",
  nothingLeft: "Не осталось ничего.",
  signature: "Подпись",
  card: "Данные удалены по запросу",
  leftCards: (count) => `Сообщения в Telegram, которые не удалось удалить или изменить: ${count}.`,
  leftDays: (names) =>
    `Не удалось перезаписать файлы за сутки: ${names}. Повторите удаление с тем же номером.`,
  leftVersions: (archive, names, finish) =>
    `Не удалось удалить из архива ${archive} прежние версии файлов: ${names}. Чтобы завершить удаление, выполните: ${finish}`,
  leftCopies: "Резервные копии файлов и прежние выгрузки (CSV).",
  leftRecordings: "Записи разговоров на АТС: calllog их не хранит.",
};
