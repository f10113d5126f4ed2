// `calllog enterprise …`: who may post events and open pages. A credential made here is shown once, when it is made;
// lists show no more of one than lets an operator tell two apart.

import {
  ENTERPRISE_FIELDS,
  type EnterpriseField,
  enterpriseChange,
  enterpriseRule,
  rotateSecret,
  setEnterprise,
} from "../changes/index.ts";
import type { Config } from "../config/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { isCountry } from "../domain/phone.ts";
import { WORKING_HOURS_RULE } from "../domain/working-hours.ts";
import { openHooks } from "../hooks/index.ts";
import { EXIT_OK } from "../lib/exit-code.ts";
import type { TextRule } from "../lib/text-rule.ts";
import {
  botTokenRule,
  countryRule,
  type Directory,
  enterpriseNumberRule,
  generateSecret,
  lineRule,
  remindAfterRule,
  secretRule,
  webhookTokenRule,
} from "../people/index.ts";
import { openInvitations } from "../people/invitations/index.ts";
import { auditedDirectory } from "./audited.ts";
import { affectedText } from "./bot-change.ts";
import type { CliCommand, CommandArgs, CommandOption, Operand } from "./command.ts";
import { JSON_FLAG, printList } from "./table.ts";
import { withDirectory } from "./with-directory.ts";

const NUMBER: Operand = {
  name: "NUMBER",
  text: "the enterprise's number, such as 0367",
  check: enterpriseNumberRule,
};

const yesOrNo: TextRule = { allows: (text) => text === "yes" || text === "no", rule: "yes or no" };

/** What `add` and `set` both take; `add` makes up what is missing. */
const credentialOptions = (whenMissing: string): readonly CommandOption[] => [
  {
    flag: "webhook-token",
    placeholder: "TOKEN",
    text: `Token its PBXs put into every event${whenMissing}.`,
    check: webhookTokenRule,
    secret: true,
  },
  {
    flag: "secret",
    placeholder: "SECRET",
    text: `Opens its pages${whenMissing}.`,
    check: secretRule,
    secret: true,
  },
  {
    flag: "bot-token",
    placeholder: "TOKEN",
    text: "Telegram bot that sends its cards, as @BotFather gives it.",
    check: botTokenRule,
    secret: true,
  },
];

const nameOption: CommandOption = {
  flag: "name",
  placeholder: "NAME",
  text: "Name shown to people.",
  check: lineRule,
};

const countryOption: CommandOption = {
  flag: "country",
  placeholder: "COUNTRY",
  text: "Country in whose numbering plan its local numbers are read, such as BY.",
  check: countryRule,
};

const remindOptions: readonly CommandOption[] = [
  {
    flag: "remind-after",
    placeholder: "DURATION",
    text: "After how long its chats are reminded of a missed call that nobody returned, instead of the service's --remind-after.",
    check: remindAfterRule,
  },
  {
    flag: "hours",
    placeholder: "HOURS",
    text: "When its people work, instead of the service's --hours.",
    check: WORKING_HOURS_RULE,
  },
];
const recordingsOption: CommandOption = {
  flag: "recordings",
  placeholder: "none|all",
  text: "none: nobody hears the recordings of its calls, whatever --recordings of the service says.",
  check: { allows: (text) => text === "none" || text === "all", rule: "none or all" },
};

const activeOption: CommandOption = {
  flag: "active",
  placeholder: "yes|no",
  text: "no: its events are refused and its pages closed.",
  check: yesOrNo,
};

/** Enough to tell two credentials apart, too little to use one. */
const hint = (secret: string): string => (secret.length < 16 ? "***" : `***${secret.slice(-4)}`);

/** The digits before the colon are the bot's public id. */
const botHint = (token: string): string => `${token.split(":", 1)[0]}:***`;

/** How this machine reaches its own listener; people elsewhere put its name in place of the address. */
const origin = (host: string, port: number): string => {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const name = reachable.includes(":") ? `[${reachable}]` : reachable;
  return `http://${name}:${port === 0 ? "PORT" : port}`;
};

const nextSteps = (enterprise: Enterprise, isTokenNew: boolean, config: Config): string => {
  const events = origin(config.webhookHost, config.webhookPort);
  const body = {
    Token: isTokenNew ? enterprise.webhookToken : "TOKEN",
    UniqueId: "1764493655.61",
    Phone: "375290000000",
    CallType: 0,
  };
  const { number, botToken } = enterprise;
  return `Next (from another host, put this machine's address in place of the one shown):
  events   the PBX posts JSON with the webhook token as "Token" to ${events}/start, /dial, /bridge, /hangup; to try it:
           curl -sS -m 2 ${events}/start -d '${JSON.stringify(body)}'
  page     ${origin(config.host, config.port)}/call/${number}/UNIQUE_ID?token=SECRET
${botToken === null ? `  bot      calllog enterprise set ${number} --bot-token TOKEN\n` : ""}  people   calllog user invite ${number}, or calllog user add CHAT_ID --enterprise ${number}
`;
};

const add: CliCommand = {
  words: ["enterprise", "add"],
  summary: "let an enterprise in; prints the token and secret made for it",
  operands: [NUMBER],
  options: [
    { ...nameOption, required: true },
    ...credentialOptions("; made up where not given"),
    countryOption,
    JSON_FLAG,
  ],
  examples: [
    'calllog enterprise add 0367 --name "Example"',
    'calllog enterprise add 0367 --name "Example" --webhook-token 375290000001 --bot-token 123456:ABC',
  ],
  run: async (context, args) => {
    const { stdout } = context;
    const country = args.option("country") ?? "";
    const given = { token: args.option("webhook-token"), secret: args.option("secret") };
    const enterprise: Enterprise = {
      number: args.operand("NUMBER"),
      name: args.option("name") ?? null,
      webhookToken: given.token ?? generateSecret(),
      secret: given.secret ?? generateSecret(),
      botToken: args.option("bot-token") ?? null,
      active: true,
      country: isCountry(country) ? country : null,
    };
    await auditedDirectory(
      context,
      args,
      { what: "enterprise-add", enterprise: enterprise.number },
      (directory) => directory.addEnterprise(enterprise),
    );

    const made: [string, string | null][] = [];
    if (given.token === undefined) made.push(["webhookToken", enterprise.webhookToken]);
    if (given.secret === undefined) made.push(["secret", enterprise.secret]);
    if (args.has("json")) {
      const { number, name } = enterprise;
      stdout.write(`${JSON.stringify({ number, name, ...Object.fromEntries(made) })}\n`);
      return EXIT_OK;
    }
    const lines = made.map(
      ([key, value]) => `  ${key === "secret" ? "secret         " : "webhook token  "}${value}\n`,
    );
    const shownOnce =
      made.length === 0 ? "" : `\n${lines.join("")}\nThese are shown this once: keep them.\n`;
    stdout.write(`Enterprise ${enterprise.number} is added.\n${shownOnce}\n`);
    stdout.write(nextSteps(enterprise, given.token === undefined, args.config));
    return EXIT_OK;
  },
};

/** What can be changed, as `add` takes it, except that some of it can be taken away. */
const changeOptions: readonly CommandOption[] = [
  nameOption,
  ...credentialOptions(""),
  countryOption,
  ...remindOptions,
  activeOption,
  recordingsOption,
].map((option) => {
  const check = enterpriseRule(option.flag as EnterpriseField);
  const isTakenAway = check.allows("none") && option.check?.allows("none") !== true;
  return isTakenAway
    ? { ...option, text: `${option.text.slice(0, -1)}; none takes it away.`, check }
    : { ...option, check };
});

const changedIn = (args: CommandArgs): readonly EnterpriseField[] =>
  ENTERPRISE_FIELDS.filter((flag) => args.has(flag));

const set: CliCommand = {
  words: ["enterprise", "set"],
  summary: "change an enterprise; what is not given stays",
  operands: [NUMBER],
  options: [
    ...changeOptions,
    {
      flag: "move-people",
      text: "With --bot-token: who is known by the old bot's token stays, by the enterprise's number.",
    },
  ],
  examples: [
    "calllog enterprise set 0367 --bot-token 123456:ABC",
    "calllog enterprise set 0367 --active no",
    "calllog enterprise set 0367 --recordings none",
  ],
  conflicts: (args) => [
    ...(changedIn(args).length > 0
      ? []
      : [`nothing to change: give ${ENTERPRISE_FIELDS.map((flag) => `--${flag}`).join(", ")}`]),
    ...(args.has("move-people") && !args.has("bot-token")
      ? ["--move-people: goes with --bot-token"]
      : []),
  ],
  run: async (context, args) => {
    const { stdout, clock } = context;
    const number = args.operand("NUMBER");
    const flags = changedIn(args);
    const change = enterpriseChange(
      Object.fromEntries(flags.map((flag) => [flag, args.option(flag)])),
    );
    const changed = flags.join(", ");
    const entry = { what: "enterprise-set", enterprise: number, about: changed };
    const invitations = openInvitations(args.config.dataDir, clock);
    const { affected, endedInvitations } = await auditedDirectory(
      context,
      args,
      entry,
      (directory) =>
        setEnterprise({ directory, invitations }, number, change, args.has("move-people")),
    );
    stdout.write(`Enterprise ${number} is changed (${changed}); it takes effect within 60 s.\n`);
    if (affected !== undefined) {
      stdout.write(affectedText(affected.enterprise, affected, affected.next));
    }
    if (endedInvitations > 0) {
      stdout.write(
        `\nOpen invitations led to the old bot and are ended: ${endedInvitations}. Make new ones: calllog user invite ${number}\n`,
      );
    }
    return EXIT_OK;
  },
};

const listed = async (directory: Directory) =>
  Promise.all(
    (await directory.enterprises()).map(async (enterprise) => ({
      number: enterprise.number,
      name: enterprise.name,
      active: enterprise.active,
      country: enterprise.country ?? null,
      remindAfter: enterprise.remindAfter ?? null,
      hours: enterprise.hours ?? null,
      recordings: enterprise.recordings ?? null,
      webhookToken: enterprise.webhookToken === null ? null : hint(enterprise.webhookToken),
      secret: hint(enterprise.secret),
      botToken: enterprise.botToken === null ? null : botHint(enterprise.botToken),
      people: (await directory.usersOf(enterprise)).length,
    })),
  );

const list: CliCommand = {
  words: ["enterprise", "list"],
  summary: "list the enterprises, with their credentials masked",
  options: [JSON_FLAG],
  run: async ({ stdout }, args) => {
    printList(stdout, args, {
      rows: await withDirectory(args, listed),
      json: (row) => row,
      none: "There are no enterprises yet: calllog enterprise add NUMBER --name NAME",
      headings: ["NUMBER", "NAME", "ACTIVE", "COUNTRY", "WEBHOOK TOKEN", "SECRET", "BOT", "PEOPLE"],
      cells: (row) => [
        row.number,
        row.name ?? "-",
        row.active ? "yes" : "no",
        row.country ?? "-",
        row.webhookToken ?? "-",
        row.secret,
        row.botToken ?? "-",
        String(row.people),
      ],
    });
    return EXIT_OK;
  },
};

const remove: CliCommand = {
  words: ["enterprise", "remove"],
  summary: "remove an enterprise and its people; its records stay",
  operands: [NUMBER],
  run: async (context, args) => {
    const { stdout, clock } = context;
    const number = args.operand("NUMBER");
    const entry = { what: "enterprise-remove", enterprise: number };
    await auditedDirectory(context, args, entry, (directory) => directory.removeEnterprise(number));
    openInvitations(args.config.dataDir, clock).cancel(number);
    const hooks = openHooks(args.config.dataDir, clock);
    for (const { id } of hooks.of(number)) hooks.remove(number, id);
    stdout.write(
      `Enterprise ${number} and its people are removed; its records stay in ${args.config.dataDir}.\n`,
    );
    return EXIT_OK;
  },
};

const rotate: CliCommand = {
  words: ["enterprise", "rotate-secret"],
  summary: "give an enterprise a new secret; links with the old one stop working",
  operands: [NUMBER],
  options: [JSON_FLAG],
  run: async (context, args) => {
    const { stdout } = context;
    const number = args.operand("NUMBER");
    const entry = { what: "enterprise-rotate-secret", enterprise: number };
    const secret = await auditedDirectory(context, args, entry, (directory) =>
      rotateSecret(directory, number),
    );
    stdout.write(
      args.has("json")
        ? `${JSON.stringify({ number, secret })}\n`
        : `The new secret of enterprise ${number}, shown this once:

  ${secret}

Links with the old secret stop working within 60 s.
`,
    );
    return EXIT_OK;
  },
};

export const enterpriseCommands: readonly CliCommand[] = [add, set, list, remove, rotate];
