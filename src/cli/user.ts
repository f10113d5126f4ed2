// `calllog user …`: the people who get an enterprise's cards, by their Telegram chat.

import { addPerson, preferencesOf, setPreferences } from "../changes/index.ts";
import {
  type ChatPreferences,
  type PreferenceName,
  preferenceRule,
  preferenceText,
} from "../domain/chat-preferences.ts";
import { EXIT_OK } from "../lib/exit-code.ts";
import { chatIdRule, lineRule } from "../people/index.ts";
import { auditedDirectory } from "./audited.ts";
import type { CliCommand, CommandOption, Operand } from "./command.ts";
import { enterpriseOption, invitationCommands } from "./invite.ts";
import { JSON_FLAG, printList, textTable } from "./table.ts";
import { withDirectory } from "./with-directory.ts";

const CHAT_ID: Operand = {
  name: "CHAT_ID",
  text: "the Telegram chat's id; negative for groups",
  check: chatIdRule,
};

const lineOption = (flag: string, text: string): CommandOption => ({
  flag,
  placeholder: "TEXT",
  text,
  check: lineRule,
});

const add: CliCommand = {
  words: ["user", "add"],
  summary: "let a chat get the cards of an enterprise",
  operands: [CHAT_ID],
  options: [
    { ...enterpriseOption, required: true },
    lineOption("first-name", "First name."),
    lineOption("last-name", "Last name."),
    lineOption("email", "Email address."),
  ],
  examples: [
    'calllog user add 374573193 --enterprise 0367 --first-name "Anna"',
    "calllog user add -1001234567890 --enterprise 0367",
  ],
  run: async (context, args) => {
    const { stdout } = context;
    const enterpriseNumber = args.option("enterprise") ?? "";
    const chatId = args.operand("CHAT_ID");
    const person = {
      chatId,
      firstName: args.option("first-name"),
      lastName: args.option("last-name"),
      email: args.option("email"),
    };
    const entry = { what: "user-add", enterprise: enterpriseNumber, about: chatId };
    const enterprise = await auditedDirectory(context, args, entry, (directory) =>
      addPerson(directory, enterpriseNumber, person),
    );
    const next =
      enterprise?.botToken === null
        ? `The enterprise has no bot yet: calllog enterprise set ${enterpriseNumber} --bot-token TOKEN`
        : "The person must press Start in the bot's chat once (a group must let the bot in): Telegram asks for it.";
    stdout.write(`${chatId} gets the cards of enterprise ${enterpriseNumber}.\n${next}\n`);
    return EXIT_OK;
  },
};

/** In the order in which they are told and asked for. */
const PREFERENCE_OPTIONS: readonly (readonly [
  name: PreferenceName,
  placeholder: string,
  text: string,
])[] = [
  ["cards", "WHICH", "Every step of a call, how it ended, missed calls only, or nothing."],
  ["extensions", "LIST", "Only calls that rang or were answered by one of them."],
  ["topic", "ID", "The forum topic of the group that cards go to."],
  ["quiet", "SPAN", "When cards come without a sound, by the clocks of --timezone."],
  ["digest", "TIME", "When the day in a message comes."],
  ["numbers", "HOW", "Customers' numbers on cards; masked shows no name either."],
  ["lang", "LANG", "Language of the cards."],
];

const told = (preferences: ChatPreferences): string =>
  textTable(
    ["PREFERENCE", "VALUE"],
    PREFERENCE_OPTIONS.map(([name]) => [name, preferenceText(preferences, name)]),
  );

const set: CliCommand = {
  words: ["user", "set"],
  summary: "choose which cards of an enterprise a chat gets, and how",
  operands: [CHAT_ID],
  options: [
    { ...enterpriseOption, required: true },
    ...PREFERENCE_OPTIONS.map(([name, placeholder, text]) => ({
      flag: name,
      placeholder,
      text: `${text} ${preferenceRule(name).rule}.`,
      check: preferenceRule(name),
    })),
  ],
  examples: [
    "calllog user set 374573193 --enterprise 0367 --cards missed --extensions 151,152",
    "calllog user set -1001234567890 --enterprise 0367 --topic 42 --quiet 21:00-08:00 --digest 18:00",
  ],
  run: async (context, args) => {
    const { stdout } = context;
    const [chatId, number] = [args.operand("CHAT_ID"), args.option("enterprise") ?? ""];
    const given = Object.fromEntries(PREFERENCE_OPTIONS.map(([name]) => [name, args.option(name)]));
    const entry = { what: "user-set", enterprise: number, about: chatId };
    const preferences = await auditedDirectory(context, args, entry, (directory) =>
      setPreferences(directory, { chatId, enterpriseNumber: number }, given),
    );
    stdout.write(
      `${chatId} gets the cards of enterprise ${number} so, within 60 s:\n\n${told(preferences)}`,
    );
    return EXIT_OK;
  },
};

const show: CliCommand = {
  words: ["user", "show"],
  summary: "show which cards a chat gets, and how",
  operands: [CHAT_ID],
  options: [enterpriseOption, JSON_FLAG],
  examples: ["calllog user show 374573193"],
  run: async ({ stdout }, args) => {
    const [chatId, only] = [args.operand("CHAT_ID"), args.option("enterprise")];
    const rows = await withDirectory(args, async (directory) => {
      const enterprises = (await directory.enterprises()).filter(
        ({ number }) => only === undefined || number === only,
      );
      const found: { enterprise: string; preferences: ChatPreferences }[] = [];
      for (const enterprise of enterprises) {
        const isIn = (await directory.usersOf(enterprise)).some((user) => user.chatId === chatId);
        if (!isIn) continue;
        const preferences = await preferencesOf(directory, chatId, enterprise.number);
        found.push({ enterprise: enterprise.number, preferences });
      }
      return found;
    });
    printList(stdout, args, {
      rows,
      json: (row) => row,
      none: `${chatId} gets no cards: calllog user add ${chatId} --enterprise NUMBER`,
      headings: ["ENTERPRISE", ...PREFERENCE_OPTIONS.map(([name]) => name.toUpperCase())],
      cells: ({ enterprise, preferences }) => [
        enterprise,
        ...PREFERENCE_OPTIONS.map(([name]) => preferenceText(preferences, name)),
      ],
    });
    return EXIT_OK;
  },
};

const list: CliCommand = {
  words: ["user", "list"],
  summary: "list the people who get cards",
  options: [enterpriseOption, JSON_FLAG],
  run: async ({ stdout }, args) => {
    const users = await withDirectory(args, (directory) =>
      directory.users(args.option("enterprise")),
    );
    printList(stdout, args, {
      rows: users,
      json: ({ botToken: _, ...user }) => user,
      none: "There is nobody yet: calllog user invite NUMBER",
      headings: ["CHAT", "FIRST NAME", "LAST NAME", "EMAIL", "ENTERPRISE"],
      cells: (user) => [
        user.chatId,
        user.firstName ?? "-",
        user.lastName ?? "-",
        user.email ?? "-",
        user.enterpriseNumber ?? "(by bot)",
      ],
    });
    return EXIT_OK;
  },
};

const remove: CliCommand = {
  words: ["user", "remove"],
  summary: "send a chat no more cards of an enterprise",
  operands: [CHAT_ID],
  options: [{ ...enterpriseOption, required: true }],
  run: async (context, args) => {
    const { stdout } = context;
    const [chatId, number] = [args.operand("CHAT_ID"), args.option("enterprise") ?? ""];
    const entry = { what: "user-remove", enterprise: number, about: chatId };
    await auditedDirectory(context, args, entry, (directory) =>
      directory.removeUser(chatId, number),
    );
    stdout.write(`${chatId} gets no more cards of enterprise ${number}, within 60 s.\n`);
    return EXIT_OK;
  },
};

export const userCommands: readonly CliCommand[] = [
  ...invitationCommands,
  add,
  set,
  show,
  list,
  remove,
];
