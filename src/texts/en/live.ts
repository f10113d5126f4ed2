// The connection of a live page in English.

import type { LiveTexts } from "../types/live.ts";

export const en: LiveTexts = {
  on: "This page updates itself",
  lost: "No connection, trying again…",
  off: "This page no longer updates itself. Open it again.",
};
