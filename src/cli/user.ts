// `calllog user …`: the people who get an enterprise's cards, by their Telegram chat.

import type { TelegramUser } from "../domain/enterprise.ts";
import { EXIT_OK } from "../lib/exit-code.ts";
import { chatIdRule, lineRule } from "../people/index.ts";
import type { CliCommand, CommandOption, Operand } from "./command.ts";
import { enterpriseOption, invitationCommands } from "./invite.ts";
import { JSON_FLAG, printList } from "./table.ts";
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
  run: async ({ stdout }, args) => {
    const enterpriseNumber = args.option("enterprise") ?? "";
    const user: TelegramUser = {
      chatId: args.operand("CHAT_ID"),
      firstName: args.option("first-name") ?? null,
      lastName: args.option("last-name") ?? null,
      email: args.option("email") ?? null,
      botToken: null,
      enterpriseNumber,
    };
    const enterprise = await withDirectory(args, async (directory) => {
      await directory.addUser(user);
      return directory.enterpriseByNumber(enterpriseNumber);
    });
    const next =
      enterprise?.botToken === null
        ? `The enterprise has no bot yet: calllog enterprise set ${enterpriseNumber} --bot-token TOKEN`
        : "The person must press Start in the bot's chat once (a group must let the bot in): Telegram asks for it.";
    stdout.write(`${user.chatId} gets the cards of enterprise ${enterpriseNumber}.\n${next}\n`);
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
  run: async ({ stdout }, args) => {
    const [chatId, number] = [args.operand("CHAT_ID"), args.option("enterprise") ?? ""];
    await withDirectory(args, (directory) => directory.removeUser(chatId, number));
    stdout.write(`${chatId} gets no more cards of enterprise ${number}, within 60 s.\n`);
    return EXIT_OK;
  },
};

export const userCommands: readonly CliCommand[] = [...invitationCommands, add, list, remove];
