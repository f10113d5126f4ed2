// From an argument list to one command's work: finds the command, reads its flags, checks everything at once, runs it.
// The answer is the exit code; only main.ts touches the real process.

import { nearest } from "../config/nearest.ts";
import { concerns, SETTINGS, settingEntries } from "../config/settings.ts";
import { type Config, formatMistake, type Mistake, parseConfig } from "../config.ts";
import { maskSecrets } from "../lib/mask.ts";
import type { CliCommand, CommandArgs } from "./command.ts";
import { type CliContext, EXIT_FAILED, EXIT_OK, EXIT_USAGE, type ExitCode } from "./context.ts";
import { buildTree, type CommandTree } from "./tree.ts";

const wantsHelp = (arg: string): boolean => arg === "--help" || arg === "-h";

/** The words before the first flag: those that may name a command. */
const leadingWords = (argv: readonly string[]): readonly string[] => {
  const end = argv.findIndex((arg) => arg.startsWith("-"));
  return end === -1 ? argv : argv.slice(0, end);
};

const startsWith = (words: readonly string[], start: readonly string[]): boolean =>
  start.every((word, i) => words[i] === word);

type Found =
  | { readonly kind: "command"; readonly command: CliCommand; readonly rest: readonly string[] }
  /** `calllog enterprise`: a word that only begins commands. */
  | { readonly kind: "group"; readonly words: readonly string[] }
  | { readonly kind: "unknown"; readonly word: string; readonly known: readonly string[] };

/** The command that an argument list names; without words it is `serve`. */
const findCommand = (commands: readonly CliCommand[], argv: readonly string[]): Found => {
  const words = leadingWords(argv);
  const serve = commands.find(({ words }) => words[0] === "serve");
  if (words.length === 0) {
    return serve === undefined
      ? { kind: "group", words: [] }
      : { kind: "command", command: serve, rest: argv };
  }
  const command = commands.find((candidate) => startsWith(words, candidate.words));
  if (command !== undefined) {
    return { kind: "command", command, rest: argv.slice(command.words.length) };
  }
  const siblings = commands.filter((candidate) => candidate.words[0] === words[0]);
  if (siblings.length > 0) {
    const second = words[1];
    if (second === undefined) return { kind: "group", words: words.slice(0, 1) };
    return { kind: "unknown", word: words.slice(0, 2).join(" "), known: siblings.map(nameOf) };
  }
  return { kind: "unknown", word: words[0] ?? "", known: [...new Set(commands.map(firstWord))] };
};

const nameOf = ({ words }: CliCommand): string => words.join(" ");
const firstWord = ({ words }: CliCommand): string => words[0];

const usageFailure = (context: CliContext, lines: readonly string[], helpFor: string): ExitCode => {
  const help = `calllog help${helpFor === "" ? "" : ` ${helpFor}`}`;
  context.stderr.write(`${lines.map((line) => `calllog: ${line}\n`).join("")}See: ${help}\n`);
  return EXIT_USAGE;
};

/** Runs the command that `context.argv` names and answers the exit code. Never throws for a command's failure. */
export const runCli = async (
  commands: readonly CliCommand[],
  context: CliContext,
): Promise<ExitCode> => {
  const tree = buildTree(commands, context);
  const first = context.argv[0];
  if (first === "--version" || first === "-V") {
    return runCli(commands, { ...context, argv: ["version"] });
  }
  if (wantsHelp(first ?? "")) return showHelp(tree, []);
  if (first === "help") return help(commands, tree, context);

  const found = findCommand(commands, context.argv);
  if (found.kind === "unknown") {
    const near = nearest(found.word, [...found.known, "help"]);
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    return usageFailure(context, [`there is no command ${shown(found.word)}${hint}`], "");
  }
  if (found.kind === "group") {
    if (context.argv.some(wantsHelp)) return showHelp(tree, found.words);
    context.stderr.write(tree.helpOf(found.words));
    return EXIT_USAGE;
  }
  const { command, rest } = found;
  if (rest.slice(0, literalStart(rest)).some(wantsHelp)) return showHelp(tree, command.words);
  return runCommand(command, tree, rest, context);
};

const literalStart = (argv: readonly string[]): number => {
  const at = argv.indexOf("--");
  return at === -1 ? argv.length : at;
};

const showHelp = (tree: CommandTree, words: readonly string[]): ExitCode => {
  tree.context.stdout.write(tree.helpOf(words));
  return EXIT_OK;
};

const help = (
  commands: readonly CliCommand[],
  tree: CommandTree,
  context: CliContext,
): ExitCode => {
  const words = leadingWords(context.argv.slice(1));
  if (words.length === 0) return showHelp(tree, []);
  const found = findCommand(commands, words);
  if (found.kind === "command") return showHelp(tree, found.command.words);
  if (found.kind === "group") return showHelp(tree, found.words);
  const near = nearest(found.word, found.known);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  return usageFailure(context, [`there is no command ${shown(found.word)}${hint}`], "");
};

/** A mistyped word, safe to print. */
const shown = (word: string): string => JSON.stringify(maskSecrets(word.slice(0, 60)));

const runCommand = async (
  command: CliCommand,
  tree: CommandTree,
  argv: readonly string[],
  context: CliContext,
): Promise<ExitCode> => {
  const read = readArguments(command, tree, argv, context);
  const lines = read.mistakes.map(formatMistake);
  if (lines.length === 0) lines.push(...(command.conflicts?.(read.args) ?? []));
  if (lines.length > 0) return usageFailure(context, lines, nameOf(command));
  try {
    return await command.run(context, read.args);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.stderr.write(`calllog: ${maskSecrets(message.replaceAll(/\s*\n\s*/g, " "))}\n`);
    return EXIT_FAILED;
  }
};

type ReadArguments = { readonly args: CommandArgs; readonly mistakes: readonly Mistake[] };

const readArguments = (
  command: CliCommand,
  tree: CommandTree,
  argv: readonly string[],
  { env, cwd }: CliContext,
): ReadArguments => {
  const mistakes: Mistake[] = [];
  const given = tree.parse(command, argv);
  const values = new Map<string, string>();
  const flags = new Map<string, string>();

  const own = new Map((command.options ?? []).map((option) => [option.flag, option]));
  for (const [flag, value] of given.values) {
    const option = own.get(flag);
    const takesValue = option === undefined || option.placeholder !== undefined;
    if (takesValue && value === true) {
      mistakes.push({ setting: `--${flag}`, rule: "needs a value" });
      continue;
    }
    const text = value === true ? "" : value;
    if (option === undefined) {
      flags.set(flag, text);
      continue;
    }
    values.set(flag, text);
    if (option.check !== undefined && !option.check.allows(text)) {
      mistakes.push({
        setting: `--${flag}`,
        ...(option.secret ? {} : { value: text }),
        rule: `must be ${option.check.rule}`,
      });
    }
  }
  for (const option of command.options ?? []) {
    if (option.required && !given.values.has(option.flag)) {
      mistakes.push({ setting: `--${option.flag}`, rule: "is needed" });
    }
  }

  mistakes.push(...unknownFlags(command, given.unknownFlags));

  const operands = command.operands ?? [];
  for (const [i, operand] of operands.entries()) {
    const text = given.operands[i];
    if (text === undefined) {
      // A mistyped flag may have swallowed it: one complaint is enough.
      if (!operand.optional && given.unknownFlags.length === 0) {
        mistakes.push({ setting: operand.name, rule: `is needed: ${operand.text}` });
      }
      continue;
    }
    values.set(operand.name, text);
    if (operand.check !== undefined && !operand.check.allows(text)) {
      mistakes.push({
        setting: operand.name,
        value: text,
        rule: `must be ${operand.check.rule}`,
      });
    }
  }
  for (const text of given.operands.slice(operands.length)) {
    mistakes.push({ setting: "argument", value: text, rule: "is one too many" });
  }

  let config = defaultConfig(cwd);
  if (command.settings !== false) {
    const parsed = parseConfig({ flags, env, cwd });
    if (parsed.ok) config = parsed.value;
    else mistakes.push(...parsed.error);
  }
  return { args: commandArgs(command, config, values), mistakes };
};

const unknownFlags = (command: CliCommand, flags: readonly string[]): Mistake[] => {
  const known = [
    ...(command.options ?? []).map(({ flag }) => `--${flag}`),
    ...settingEntries()
      .filter(([, entry]) => command.settings !== false && concerns(entry, command.words[0]))
      .map(([, entry]) => `--${entry.flag}`),
    "--help",
  ];
  return flags.map((flag) => {
    const near = nearest(flag, known);
    const elsewhere = Object.values(SETTINGS).some((entry) => `--${entry.flag}` === flag);
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    return {
      setting: flag,
      rule: elsewhere ? `is no flag of ${nameOf(command)}` : `there is no such flag${hint}`,
    };
  });
};

const defaultConfig = (cwd: string): Config => {
  const parsed = parseConfig({ flags: new Map(), env: {}, cwd });
  if (!parsed.ok) throw new Error(parsed.error.map(formatMistake).join("; "));
  return parsed.value;
};

const commandArgs = (
  command: CliCommand,
  config: Config,
  values: ReadonlyMap<string, string>,
): CommandArgs => ({
  config,
  operand: (name) => {
    const text = values.get(name);
    if (text === undefined) throw new Error(`${nameOf(command)} has no operand ${name}`);
    return text;
  },
  option: (name) => values.get(name),
  has: (flag) => values.has(flag),
});
