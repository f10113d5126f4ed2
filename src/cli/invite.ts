// `calllog user invite …`: a link that lets one person or group in. The link is printed once and kept nowhere; the
// service, which may be another process, finds the invitation in the data folder and waits for who opens it.

import type { MessengerFailure } from "../cards/index.ts";
import { createBot } from "../channels/telegram/index.ts";
import { type DurationUnit, parseDurationMs } from "../config/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { EXIT_OK } from "../lib/exit-code.ts";
import type { Result } from "../lib/result.ts";
import { systemScheduler } from "../lib/scheduler.ts";
import { DAY_MS, utcMinute } from "../lib/time.ts";
import { enterpriseNumberRule, lineRule } from "../people/index.ts";
import { openInvitations } from "../people/invitations/index.ts";
import { hasNotifier } from "../service/notifier-lock.ts";
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

/** The value, or the failure as one line with what to do. */
const mustAsk = <T>(answer: Result<T, MessengerFailure>, { number }: Enterprise): T => {
  if (answer.ok) return answer.value;
  const { error } = answer;
  const what = `cannot invite into enterprise ${number}`;
  if (error.kind === "refused" && error.why === "bot-token") {
    throw new Error(
      `${what}: Telegram does not know its bot's token (revoked?); take the right one from @BotFather: calllog enterprise set ${number} --bot-token TOKEN`,
    );
  }
  if (error.kind === "limited") {
    throw new Error(
      `${what}: Telegram asks to wait ${error.retryAfterMs / 1000} s; try again then`,
    );
  }
  const reason = "reason" in error ? error.reason : error.kind;
  throw new Error(
    `${what}: Telegram cannot be asked (${reason}); see that this machine reaches --telegram-api-root, then try again`,
  );
};

/** The enterprise that people can be invited into, and its bot's token. @throws with what to do. */
const invitingEnterprise = async (args: CommandArgs): Promise<[Enterprise, token: string]> => {
  const number = args.operand("ENT");
  const enterprise = await withDirectory(args, (directory) => directory.enterpriseByNumber(number));
  const what = `cannot invite into enterprise ${number}`;
  if (enterprise === undefined) {
    throw new Error(`${what}: there is none; calllog enterprise list shows all`);
  }
  if (!enterprise.active) {
    throw new Error(`${what}: it is not active: calllog enterprise set ${number} --active yes`);
  }
  if (enterprise.botToken === null) {
    throw new Error(
      `${what}: it has no bot; make one with @BotFather, then: calllog enterprise set ${number} --bot-token TOKEN`,
    );
  }
  return [enterprise, enterprise.botToken];
};

const linkOf = (userName: string, code: string, isGroup: boolean): string =>
  `https://t.me/${userName}?${isGroup ? "startgroup" : "start"}=${code}`;

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
  run: async ({ stdout, clock }: CliContext, args) => {
    const { dataDir, telegramApiRoot: apiRoot } = args.config;
    const [enterprise, token] = await invitingEnterprise(args);
    const { number } = enterprise;
    const bot = createBot(token, { apiRoot, scheduler: systemScheduler(clock), now: clock.now });
    const userName = mustAsk(await bot.whoAmI(), enterprise);
    if (mustAsk(await bot.hasWebhook(), enterprise)) {
      throw new Error(
        `cannot invite into enterprise ${number}: @${userName} has a webhook, so its messages go to another program; give the enterprise a bot of its own, or take the webhook away (deleteWebhook)`,
      );
    }
    const isGroup = args.has("group");
    const createdAt = clock.now();
    const ttlMs = parseDurationMs(args.option("ttl") ?? STANDARD_TTL, PLAIN_UNIT) ?? 0;
    const expiresAt = createdAt + ttlMs;
    const code = openInvitations(dataDir, clock).create({
      enterprise: number,
      isGroup,
      name: args.option("name") ?? null,
      createdAt,
      expiresAt,
    });
    const link = linkOf(userName, code, isGroup);
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
  run: async ({ stdout, clock }, args) => {
    const number = args.operand("ENT");
    const ended = openInvitations(args.config.dataDir, clock).cancel(number);
    stdout.write(
      ended === 0
        ? `Enterprise ${number} has no open invitations.\n`
        : `Open invitations of enterprise ${number}, now ended: ${ended}.\n`,
    );
    return EXIT_OK;
  },
};

export const invitationCommands: readonly CliCommand[] = [invite, invitations, uninvite];
