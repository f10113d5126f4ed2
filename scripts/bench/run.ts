// `bun run bench [name …]`: the benchmarks, one after the other, as Markdown on the standard output. Nothing is timed
// whose answer was not checked. Names: intake lookup history knowing designs firstpage together many cards cardload idle live agent cel recordings cluster archive midnights; `--quick` for small trees and short runs,
// `cards --burst` for a group that takes 20 messages a minute (some real minutes).

import { runMidnights } from "../../src/store/testing/midnights.ts";
import { benchAgent } from "./agent.ts";
import { benchArchive } from "./archive.ts";
import { benchBurst, benchCardLoad, benchCards } from "./cards.ts";
import { benchCel } from "./cel.ts";
import { benchCluster } from "./cluster.ts";
import { benchDesigns } from "./designs.ts";
import { benchFirstPage } from "./first-page.ts";
import { benchHistory } from "./history.ts";
import { benchIdle } from "./idle.ts";
import { benchIntake } from "./intake.ts";
import { benchKnowing } from "./knowing.ts";
import { benchLive } from "./live.ts";
import { benchLookup } from "./lookup.ts";
import { describeMachine, table } from "./machine.ts";
import { benchMany } from "./many.ts";
import { benchRecordings } from "./recordings.ts";
import { benchScale } from "./scale.ts";
import { benchTogether } from "./together.ts";

const names = process.argv.slice(2).filter((name) => !name.startsWith("--"));
const isQuick = process.argv.includes("--quick");

const midnights = async (): Promise<string> => {
  const counts = await runMidnights({ seconds: isQuick ? 10 : 120, dayMs: 150 });
  return table(Object.keys(counts), [Object.values(counts)]);
};

const benchmarks: Readonly<Record<string, readonly [title: string, run: () => Promise<string>]>> = {
  intake: ["Intake", () => (isQuick ? benchIntake(2, 1) : benchIntake())],
  lookup: ["Lookup", () => (isQuick ? benchLookup(4, 20) : benchLookup())],
  history: ["The list of recent calls", () => (isQuick ? benchHistory(4, 20) : benchHistory())],
  knowing: [
    "To know a folder for the first time",
    () => (isQuick ? benchKnowing(3, 20) : benchKnowing()),
  ],
  designs: [
    "Columns beside each day, or a SQLite file",
    () => (isQuick ? benchDesigns(3, 20) : benchDesigns()),
  ],
  firstpage: [
    "The first page of an old call, without an index",
    () => (isQuick ? benchFirstPage(4, 20) : benchFirstPage()),
  ],
  together: [
    "Intake while calls are looked up",
    () => (isQuick ? benchTogether(4, 20, 4) : benchTogether()),
  ],
  many: ["Many enterprises", () => benchMany(isQuick ? 3 : 10)],
  cards: [
    "From an event to a card",
    () => (process.argv.includes("--burst") ? benchBurst() : benchCards(isQuick ? 4 : 15)),
  ],
  cardload: ["Cards at 80 calls a second", () => benchCardLoad(80, isQuick ? 4 : 15)],
  idle: ["An idle service", () => benchIdle(isQuick ? 5 : 60)],
  live: ["From a line to the open pages", () => benchLive(isQuick ? 4 : 20)],
  scale: ["What one machine carries", () => benchScale(isQuick)],
  agent: [
    "The streams of the manager interface",
    () => (isQuick ? benchAgent(1, 1) : benchAgent()),
  ],
  cel: ["A backlog of the CEL file", () => benchCel(isQuick ? 100 : 1000)],
  recordings: [
    "Recordings of a call",
    () => (isQuick ? benchRecordings(10, 5000) : benchRecordings()),
  ],
  cluster: ["A node of a cluster", () => benchCluster(isQuick ? 3 : 15)],
  archive: ["Days of the archive", () => (isQuick ? benchArchive(4, 60) : benchArchive())],
  midnights: ["Two processes, accelerated midnights, kill -9", midnights],
};

const chosen = names.length === 0 ? Object.keys(benchmarks) : names;
const unknown = chosen.filter((name) => benchmarks[name] === undefined);
if (unknown.length > 0) {
  console.error(
    `cannot run ${unknown.join(", ")}: there are ${Object.keys(benchmarks).join(", ")}`,
  );
  process.exit(2);
}
console.log(`${describeMachine()}\n`);
for (const name of chosen) {
  const [title, run] = benchmarks[name] ?? ["", async () => ""];
  console.log(`## ${title}\n\n${await run()}\n`);
}
