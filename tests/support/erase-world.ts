// A subscriber who is to be erased: his calls among others' in a data folder, and every place where something of him may be.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeVariedTree } from "../../scripts/bench/trees.ts";
import { formatDay, formatStamp } from "../../src/store/format/stamp.ts";
import type { S3Server } from "./s3-server.ts";

const DAY_MS = 86_400_000;

export const HIS_NUMBER = "375447654321";
export const HIS_NAME = "Пелагея Тестова";
/** What must stand nowhere once he is erased. */
export const HIS = /4{1,2}\D{0,3}765\D{0,3}43\D{0,3}21|Пелагея/;

/** A missed call of the subscriber, as a sender posts it, with the card and the request for the name. @param day UTC, since the epoch */
export const hisCall = (day: number): { readonly id: string; readonly lines: string } => {
  const at = day * DAY_MS + 43_200_000;
  const id = `${at / 1000}.77`;
  const ast = (ms: number, event: string, body: object): string =>
    `${formatStamp(at + ms)}|AST|${event}|${id}|${JSON.stringify({ UniqueId: id, CallType: 0, ...body })}\n`;
  return {
    id,
    lines: [
      ast(0, "start", { Phone: HIS_NUMBER, CallerIDName: HIS_NAME }),
      `${formatStamp(at + 1)}|HTTP|${id}|GET|http://localhost:8020/customer-name/0367/${HIS_NUMBER}|200|{"phone":"${HIS_NUMBER}"}|{"name":"${HIS_NAME}"}\n`,
      ast(2, "dial", { Phone: Number(HIS_NUMBER), Extensions: ["151"] }),
      `${formatStamp(at + 3)}|TG|send|374573193|dial|9${day}|${id}|📞 Входящий 💰+375 44 765-43-21 ${HIS_NAME}\n`,
      `${formatStamp(at + 4)}|TG|send|374573193|hangup|8${day}|${id}|❌ ${HIS_NAME} не дождалась\n`,
      ast(5, "hangup", { Phone: HIS_NUMBER, CallStatus: "0", Extensions: [""] }),
    ].join(""),
  };
};

/** The file of a day. */
export const dayName = (day: number, today: number): string =>
  day === today ? "events.log" : `events.log.${formatDay(day)}`;

/** Fills a data folder with days of 0367, each with a call of his. @param megabytes of other calls a day */
export const makeHisDays = (
  data: string,
  days: readonly number[],
  today: number,
  megabytes = 0.3,
): void => {
  for (const day of days) {
    makeVariedTree(data, 1, megabytes, day);
    const path = join(data, "0367", dayName(day, today));
    if (day !== today) writeFileSync(path, readFileSync(join(data, "0367/events.log")));
    writeFileSync(path, readFileSync(path, "utf8") + hisCall(day).lines);
  }
};

const isPacked = (name: string): boolean => /\.zst(\.\d+)?$|\.calls$|\.front$|\.last$/.test(name);

/** A file or an object as text, and unpacked where it is packed. */
const textOf = async (name: string, bytes: Uint8Array): Promise<string> => {
  const plain = Buffer.from(bytes).toString("utf8");
  if (!isPacked(name)) return plain;
  const unpacked = await Bun.zstdDecompress(new Uint8Array(bytes)).catch(() => Buffer.alloc(0));
  return plain + Buffer.from(unpacked).toString("utf8");
};

/** Every byte of every file of a folder, packed objects unpacked. */
export const everything = async (folder: string): Promise<string> => {
  let text = "";
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile())
      text += await textOf(entry.name, readFileSync(join(entry.parentPath, entry.name)));
  }
  return text;
};

/** Every byte of every object of a bucket, older versions among them. */
export const everyObject = async ({ objects, versions }: S3Server): Promise<string> => {
  let text = "";
  for (const [key, bytes] of objects) text += await textOf(key, bytes);
  for (const [key, own] of versions ?? [])
    for (const { bytes } of own) text += await textOf(key, bytes);
  return text;
};
