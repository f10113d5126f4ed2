// `calllog doctor`: is everything there that the service needs, asked of the real things. All checks run side by side, each
// within its time; they are told in their order, a line a finding, under headings, with a verdict in the last line.

import { CHECKS, diagnose, type Finding, type ToldFinding } from "../doctor/index.ts";
import { EXIT_FAILED, EXIT_OK } from "../lib/exit-code.ts";
import { maskValue } from "../lib/mask.ts";
import { versionLine } from "../service/version.ts";
import type { CliCommand } from "./command.ts";
import { JSON_FLAG } from "./table.ts";

const WORDS = { ok: "ok   ", note: "note ", wrong: "WRONG" } as const;

const lineOf = ({ level, what, finding, todo }: Finding): string =>
  `  ${WORDS[level]}  ${what}: ${finding}${todo === undefined ? "" : `; ${todo}`}`;

const count = (number: number, one: string, many: string): string =>
  `${number} ${number === 1 ? one : many}`;

const verdictOf = (findings: readonly Finding[]): string => {
  const number = (level: Finding["level"]): number =>
    findings.filter((finding) => finding.level === level).length;
  const [wrong, notes] = [number("wrong"), number("note")];
  const also = notes === 0 ? "" : `, ${count(notes, "note", "notes")} on what could be better`;
  if (wrong > 0) return `${count(wrong, "thing is", "things are")} wrong${also}.`;
  return `Nothing is wrong${also}.`;
};

export const doctorCommand: CliCommand = {
  words: ["doctor"],
  summary:
    "check what the service needs: folders, disk, clock, ports, directory, addresses, bots, chats",
  options: [JSON_FLAG],
  examples: ["calllog doctor --data-dir /var/lib/calllog/call_tracer", "calllog doctor --json"],
  run: async ({ stdout, clock, env }, args) => {
    const { config } = args;
    const isJson = args.has("json");
    const checks: Omit<ToldFinding, "heading">[] = [];
    const tell = (line: string): void => {
      if (!isJson) stdout.write(`${line}\n`);
    };
    tell(`${versionLine()}; settings can be read`);
    let told = "";
    for await (const { heading, ...finding } of diagnose({ config, clock, env }, CHECKS)) {
      checks.push(finding);
      if (heading !== told) tell(heading);
      told = heading;
      tell(lineOf(finding));
    }
    const isWrong = checks.some(({ level }) => level === "wrong");
    if (isJson) {
      stdout.write(`${JSON.stringify({ ok: !isWrong, checks: maskValue(checks) }, null, 2)}\n`);
    }
    tell(verdictOf(checks));
    return isWrong ? EXIT_FAILED : EXIT_OK;
  },
};
