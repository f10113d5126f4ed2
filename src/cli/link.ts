// `calllog link ENT UID`: the address of one call's page, as the button under its card carries it. `calllog link ENT --list`: that
// of the list of an enterprise's calls, of every day or of one.

import { type DurationUnit, parseDurationMs } from "../config/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { EXIT_FAILED, EXIT_OK } from "../lib/exit-code.ts";
import { callPath, callToken, listPath, listToken } from "../pages/index.ts";
import { reachableUrl } from "../service/listener.ts";
import { callOperands } from "./call-operands.ts";
import type { CliCommand, CommandArgs } from "./command.ts";
import { dayGiven, dayOption } from "./day-option.ts";
import { withDirectory } from "./with-directory.ts";

/** A plain number counts as days, as in --link-ttl. */
const PLAIN_UNIT: DurationUnit = "d";

/** The enterprise, and the call unless a list is meant. */
const operands = callOperands.map((operand) =>
  operand.name === "UID" ? { ...operand, optional: true as const } : operand,
);

const isList = (args: CommandArgs): boolean => args.has("list");

const mistakes = (args: CommandArgs): string[] => {
  const { config } = args;
  const found: string[] = [];
  if (config.publicUrl === null && config.port === 0) {
    found.push("with --port 0 the address of the pages is not known: give --public-url");
  }
  if (isList(args) && args.has("UID")) found.push("UID and --list do not go together");
  if (!isList(args) && !args.has("UID")) found.push("UID is needed: which call; or --list");
  if (!isList(args) && args.has("day")) found.push("--day goes with --list");
  return found;
};

/** Path and query of what is asked for. */
const pathFor = async (
  args: CommandArgs,
  { number, secret }: Enterprise,
  now: number,
): Promise<string> => {
  const ttlMs = parseDurationMs(args.option("ttl") ?? "", PLAIN_UNIT) ?? args.config.linkTtlMs;
  if (isList(args)) {
    const day = args.option("day");
    const scope = {
      enterprise: number,
      day: day === undefined ? undefined : dayGiven(day, now, args.config.timeZone),
    };
    return listPath(scope, await listToken(secret, scope, now + ttlMs));
  }
  const scope = { enterprise: number, uniqueId: args.operand("UID") };
  return callPath(scope, await callToken(secret, scope, now + ttlMs));
};

export const linkCommand: CliCommand = {
  words: ["link"],
  summary: "print an address that opens one call, or the list of calls, and expires",
  operands,
  options: [
    { flag: "list", text: "The list of the enterprise's calls instead of one call." },
    dayOption("That day of the list alone; else every day."),
    {
      flag: "ttl",
      placeholder: "DURATION",
      text: "How long it works; else as long as --link-ttl says.",
      check: {
        allows: (text) => (parseDurationMs(text, PLAIN_UNIT) ?? 0) >= 1000,
        rule: "a duration of a second or more, such as 10m, 4h or 2d (a plain number is in days)",
      },
    },
  ],
  examples: [
    "calllog link 0367 1764493655.61 --public-url https://calls.example.by",
    "calllog link 0367 1764493655.61 --ttl 2d",
    "calllog link 0367 --list --day today --ttl 12h",
  ],
  conflicts: mistakes,
  run: async ({ stdout, stderr, clock }, args) => {
    const { config } = args;
    const number = args.operand("ENT");
    const enterprise = await withDirectory(args, (directory) =>
      directory.enterpriseByNumber(number),
    );
    if (enterprise === undefined || enterprise.secret === "") {
      stderr.write(
        enterprise === undefined
          ? `calllog: there is no enterprise ${number}; calllog enterprise list shows all\n`
          : `calllog: enterprise ${number} has no secret: calllog enterprise rotate-secret ${number}\n`,
      );
      return EXIT_FAILED;
    }
    const base = config.publicUrl ?? reachableUrl(config.host, config.port);
    stdout.write(`${base}${await pathFor(args, enterprise, clock.now())}\n`);
    if (!enterprise.active) {
      stderr.write(`calllog: enterprise ${number} is not active: its pages are closed\n`);
    }
    return EXIT_OK;
  },
};
