// What a service has to tell of itself when nothing has happened yet.

import type { LiveFigures } from "../../src/watch/metrics/index.ts";

export const idleService: LiveFigures = {
  events: () => [],
  salvaged: () => 0,
  repeats: () => 0,
  notifier: () => ({ calls: 0, waitingChats: 0, isHolder: true, openMissed: 0, waitingHooks: 0 }),
  ami: () => ({ channels: 0, pbxs: 0, celMissing: 0 }),
  liveStreams: () => 0,
};
