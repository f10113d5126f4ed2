// `calllog user invite …`: a link that lets one person or group in. The link is printed once and kept nowhere; the
// service, which may be another process, finds the invitation in the data folder and waits for who opens it.

import { makeInvitation } from "../changes/index.ts";
import { type DurationUnit, parseDurationMs } from "../config/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { EXIT_OK } from "../lib/exit-code.ts";
import { DAY_MS, utcMinute } from "../lib/time.ts";
import { enterpriseNumberRule, lineRule } from "../people/index.ts";
import { openInvitations } from "../people/invitations/index.ts";
import { hasNotifier } from "../service/notifier-lock.ts";
import { auditedCommand } from "./audited.ts";
import type { CliCommand, CommandArgs, CommandOption, Operand } from "./command.ts";
import type { CliContext } from "./context.ts";
import { JSON_FLAG, printList } from "./table.ts";
import { withDirectory } from "./with-directory.ts";

const ENT: Operand = {
  name: "ENT",
  text: "the enterprise's number, such as 0367",
  check: enterpriseNumberRule,
};

export const enterpriseOption: CommandOption = {
  flag: "enterprise",
  placeholder: "NUMBER",
  text: "Number of the enterprise.",
  check: enterpriseNumberRule,
};

/** A plain number counts as days. */
const PLAIN_UNIT: DurationUnit = "d";
const STANDARD_TTL = "7d";
const [MIN_TTL_MS, MAX_TTL_MS] = [60_000, 30 * DAY_MS];

/** The enterprise that people are to be invited into. @throws with what to do. */
const invitingEnterprise = async (args: CommandArgs): Promise<Enterprise> => {
  const number = args.operand("ENT");
  const enterprise = await withDirectory(args, (directory) => directory.enterpriseByNumber(number));
  if (enterprise === undefined) {
    throw new Error(
      `cannot invite into enterprise ${number}: there is none; calllog enterprise list shows all`,
    );
  }
  return enterprise;
};

const invite: CliCommand = {
  words: ["user", "invite"],
  summary: "print a link that lets one person or group get the cards of an enterprise",
  operands: [ENT],
  options: [
    {
      flag: "name",
      placeholder: "NAME",
      text: "Stored in place of the name that the person has in Telegram.",
      check: lineRule,
    },
    {
      flag: "ttl",
      placeholder: "DURATION",
      text: `How long the link works [${STANDARD_TTL}].`,
      check: {
        allows: (text) => {
          const ttlMs = parseDurationMs(text, PLAIN_UNIT) ?? 0;
          return ttlMs >= MIN_TTL_MS && ttlMs <= MAX_TTL_MS;
        },
        rule: "a duration from 1m to 30d, such as 2h or 3d (a plain number is in days)",
      },
    },
    { flag: "group", text: "For a group: whoever opens the link chooses one of theirs." },
    JSON_FLAG,
  ],
  examples: [
    "calllog user invite 0367",
    'calllog user invite 0367 --name "Anna Sidorova" --ttl 2h',
    "calllog user invite 0367 --group",
  ],
  run: async (context: CliContext, args) => {
    const { stdout, clock } = context;
    const { dataDir, telegramApiRoot } = args.config;
    const enterprise = await invitingEnterprise(args);
    const { number } = enterprise;
    const isGroup = args.has("group");
    const wish = {
      isGroup,
      name: args.option("name") ?? null,
      ttlMs: parseDurationMs(args.option("ttl") ?? STANDARD_TTL, PLAIN_UNIT) ?? 0,
    };
    const { link, expiresAt } = await auditedCommand(
      context,
      args,
      { what: "user-invite", enterprise: number },
      () => makeInvitation(enterprise, wish, { dataDir, telegramApiRoot, clock }),
    );
    if (args.has("json")) {
      const expires = new Date(expiresAt).toISOString();
      stdout.write(`${JSON.stringify({ enterprise: number, link, expiresAt: expires })}\n`);
      return EXIT_OK;
    }
    const first = isGroup ? "The first group it is opened for" : "Whoever opens it first";
    stdout.write(
      `${link}\n\n${first} gets the cards of enterprise ${number}. It works once, until ${utcMinute(expiresAt)}, and is shown this once.\n`,
    );
    if (!hasNotifier(dataDir)) {
      stdout.write(`No service runs on ${dataDir} now: nobody is let in before one does.\n`);
    }
    return EXIT_OK;
  },
};

const invitations: CliCommand = {
  words: ["user", "invitations"],
  summary: "list the invitations that nobody has used yet",
  options: [enterpriseOption, JSON_FLAG],
  run: async ({ stdout, clock }, args) => {
    const number = args.option("enterprise");
    const open = openInvitations(args.config.dataDir, clock)
      .open()
      .filter(({ enterprise }) => number === undefined || enterprise === number);
    printList(stdout, args, {
      rows: open,
      json: ({ enterprise, isGroup, name, createdAt, expiresAt }) => ({
        enterprise,
        name,
        isGroup,
        createdAt: new Date(createdAt).toISOString(),
        expiresAt: new Date(expiresAt).toISOString(),
      }),
      none: "There are no open invitations: calllog user invite NUMBER",
      headings: ["ENTERPRISE", "FOR", "NAME", "MADE", "EXPIRES"],
      cells: ({ enterprise, isGroup, name, createdAt, expiresAt }) => [
        enterprise,
        isGroup ? "a group" : "a person",
        name ?? "-",
        utcMinute(createdAt),
        utcMinute(expiresAt),
      ],
    });
    return EXIT_OK;
  },
};

const uninvite: CliCommand = {
  words: ["user", "uninvite"],
  summary: "end all open invitations of an enterprise",
  operands: [ENT],
  run: async (context, args) => {
    const { stdout, clock } = context;
    const number = args.operand("ENT");
    const entry = { what: "user-uninvite", enterprise: number };
    const ended = await auditedCommand(context, args, entry, () =>
      openInvitations(args.config.dataDir, clock).cancel(number),
    );
    stdout.write(
      ended === 0
        ? `Enterprise ${number} has no open invitations.\n`
        : `Open invitations of enterprise ${number}, now ended: ${ended}.\n`,
    );
    return EXIT_OK;
  },
};

export const invitationCommands: readonly CliCommand[] = [invite, invitations, uninvite];
