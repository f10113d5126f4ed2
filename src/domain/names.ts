// Names of the people and lines of a call, as the metadata service knows them. Whoever shows a call takes them as they
// are and shows the number where there is none: a name is never needed.

import type { HttpRecord } from "./record.ts";

export type CallNames = {
  /** The outside party's. */
  readonly customer: string | undefined;
  /** By extension. */
  readonly managers: ReadonlyMap<string, string>;
  /** By line id, as `Trunk` has it. */
  readonly lines: ReadonlyMap<string, string>;
  /** False where some could not be asked for in time: there may be names that are not here. */
  readonly complete: boolean;
};

export const NO_NAMES: CallNames = {
  customer: undefined,
  managers: new Map(),
  lines: new Map(),
  complete: true,
};

/** A name that the metadata service gave, and the number it belongs to: a customer's, or an extension. */
export type GivenName = { readonly number: string; readonly name: string };

/** Which requests may give one, by their path. */
export const NAMING_PATHS = ["/customer-name/", "/manager/"] as const;

/** The name that a recorded request gave; undefined where it gave none. */
export const givenName = ({ url, status, response }: HttpRecord): GivenName | undefined => {
  const about = /\/(?:customer-name\/[^/]+|metadata\/[^/]+\/manager)\/([^/?]+)$/.exec(url)?.[1];
  if (about === undefined || status !== 200) return undefined;
  try {
    const { name, full_name: fullName, exists } = JSON.parse(response);
    const given = url.includes("/manager/") ? fullName : name;
    if (typeof given !== "string" || exists === false) return undefined;
    return { number: decodeURIComponent(about), name: given };
  } catch {
    // An answer that is no JSON, or an address that is none, names nobody.
    return undefined;
  }
};

/** Longest name that is kept, in code points. */
export const MAX_NAME_CODE_POINTS = 100;

/**
 * A name on one line, without what would turn the direction of reading round, at most 100 code points long (a longer
 * one ends in `…`); undefined where nothing is left.
 */
export const cleanName = (text: string): string | undefined => {
  // Names come from outside and may be a megabyte long: twice as many units as code points are enough to look at.
  const line = text
    .slice(0, MAX_NAME_CODE_POINTS * 4)
    .toWellFormed()
    .replace(/[\u202A-\u202E\u2066-\u2069\u200E\u200F]/g, "")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  const points = [...line];
  if (points.length === 0) return undefined;
  return points.length > MAX_NAME_CODE_POINTS || text.length > MAX_NAME_CODE_POINTS * 4
    ? `${points.slice(0, MAX_NAME_CODE_POINTS - 1).join("")}…`
    : line;
};
