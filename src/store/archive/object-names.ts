// The names of a day's objects, and how a day is read back from a name. What has another name under the prefix is not
// ours: it is told, never touched.

import { isEnterpriseNumber } from "../../domain/enterprise.ts";
import { tryParseFinishedName } from "../format/files.ts";

/** The lines. A day of gigabytes has more than one such object. */
export const partKey = (enterprise: string, name: string, part = 0): string =>
  `${enterprise}/${name}.zst${part === 0 ? "" : `.${part}`}`;

/** What proves the others, and says where in them a call is: put last, taken away first. */
export const indexKey = (enterprise: string, name: string): string => `${enterprise}/${name}.idx`;

/** The day's calls as a table. */
export const tableKey = (enterprise: string, name: string): string => `${enterprise}/${name}.calls`;

export type ArchivedName = {
  readonly enterprise: string;
  /** Of the file, such as `events.log.2025-11-29`. */
  readonly name: string;
  readonly kind: "part" | "index" | "table";
};

const KEY = /^([^/]+)\/(.+?)\.(zst(?:\.\d+)?|idx|calls)$/;

/** The day and kind of an object; undefined where the name is none of ours. */
export const parseObjectKey = (key: string): ArchivedName | undefined => {
  const [, enterprise = "", name = "", ending = ""] = KEY.exec(key) ?? [];
  if (!isEnterpriseNumber(enterprise) || tryParseFinishedName(name) === undefined) return undefined;
  const kind = ending === "idx" ? "index" : ending === "calls" ? "table" : "part";
  return { enterprise, name, kind };
};
