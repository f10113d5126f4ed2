// What was learned of the peers of a PBX, kept in a file beside what waits to be handed over, so that a restart forgets
// nothing. It can be thrown away: it is learned again from the next calls.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EVIDENCE_KINDS, type EvidenceKind } from "../../asterisk/index.ts";
import { errorCode } from "../../lib/errors.ts";
import { replaceFile } from "../../lib/replace-file.ts";
import type { KnownPeer } from "./peers.ts";

const NAME = "peers.json";
const VERSION = 1;

const isKnownPeer = (value: unknown): value is KnownPeer => {
  if (typeof value !== "object" || value === null) return false;
  const { name, kind, number, by } = value as Partial<Record<keyof KnownPeer, unknown>>;
  return (
    typeof name === "string" &&
    (kind === "extension" || kind === "trunk") &&
    typeof number === "string" &&
    EVIDENCE_KINDS.includes(by as EvidenceKind)
  );
};

/**
 * The peers that are kept in that folder, those seen last first; none where there is no such file, or one of another version.
 *
 * @throws the system's error, or SyntaxError where the file is damaged
 */
export const readPeers = (folder: string): KnownPeer[] => {
  try {
    const { version, peers } = JSON.parse(readFileSync(join(folder, NAME), "utf8"));
    return version === VERSION && Array.isArray(peers) ? peers.filter(isKnownPeer) : [];
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
};

/** @throws the system's error */
export const writePeers = (folder: string, peers: readonly KnownPeer[]): void =>
  replaceFile(join(folder, NAME), `${JSON.stringify({ version: VERSION, peers }, undefined, 1)}\n`);
