// From an argument list to one command's work: finds the command, has everything checked at once, runs it. The answer is
// the exit code; only process-context.ts touches the real process.

import { formatMistake, nearest } from "../config/index.ts";
import { errorText } from "../lib/errors.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE, type ExitCode } from "../lib/exit-code.ts";
import { maskSecrets } from "../lib/mask.ts";
import { readArguments } from "./arguments.ts";
import type { CliCommand } from "./command.ts";
import type { CliContext } from "./context.ts";
import { buildTree, type CommandTree } from "./tree.ts";

/** The words before the first flag: those that may name a command. */
const leadingWords = (argv: readonly string[]): readonly string[] => {
  const end = argv.findIndex((arg) => arg.startsWith("-"));
  return end === -1 ? argv : argv.slice(0, end);
};

/** `help X` is `X --help`, and the usual flags for the version are its command. */
const plainSpelling = (argv: readonly string[]): readonly string[] => {
  const [first, ...rest] = argv;
  if (first === "help") return [...rest, "--help"];
  return first === "--version" || first === "-V" ? ["version", ...rest] : argv;
};

const asksHelp = (argv: readonly string[]): boolean => {
  const literal = argv.indexOf("--");
  const flags = literal === -1 ? argv : argv.slice(0, literal);
  return flags.includes("--help") || flags.includes("-h");
};

type Found =
  | { readonly kind: "command"; readonly command: CliCommand; readonly rest: readonly string[] }
  /** Words that only begin commands (`enterprise`), or none at all. */
  | { readonly kind: "group"; readonly words: readonly string[] }
  | { readonly kind: "unknown"; readonly word: string; readonly known: readonly string[] };

const nameOf = ({ words }: CliCommand): string => words.join(" ");

/** The command that an argument list names; without words it is `serve`. */
const findCommand = (commands: readonly CliCommand[], argv: readonly string[]): Found => {
  const given = leadingWords(argv);
  const words = given.length === 0 ? ["serve"] : given;
  const command = commands.find((candidate) =>
    candidate.words.every((word, i) => word === words[i]),
  );
  if (command !== undefined) {
    const rest = given.length === 0 ? argv : argv.slice(command.words.length);
    return { kind: "command", command, rest };
  }
  const [first, second] = given;
  if (first === undefined) return { kind: "group", words: [] };
  const siblings = commands.filter((candidate) => candidate.words[0] === first);
  if (siblings.length === 0) {
    const known = commands.map((candidate) => candidate.words[0]);
    return { kind: "unknown", word: first, known: [...known, "help"] };
  }
  return second === undefined
    ? { kind: "group", words: [first] }
    : { kind: "unknown", word: `${first} ${second}`, known: siblings.map(nameOf) };
};

const usageFailure = (
  { stderr }: CliContext,
  lines: readonly string[],
  helpCommand: string,
): ExitCode => {
  stderr.write(`${lines.map((line) => `calllog: ${line}\n`).join("")}See: ${helpCommand}\n`);
  return EXIT_USAGE;
};

const runCommand = async (
  command: CliCommand,
  tree: CommandTree,
  argv: readonly string[],
  context: CliContext,
): Promise<ExitCode> => {
  const { args, mistakes } = readArguments(command, tree.parse(command, argv), context);
  const lines = mistakes.map(formatMistake);
  if (lines.length === 0) lines.push(...(command.conflicts?.(args) ?? []));
  if (lines.length > 0) return usageFailure(context, lines, `calllog help ${nameOf(command)}`);
  try {
    return await command.run(context, args);
  } catch (error) {
    const message = errorText(error);
    context.stderr.write(`calllog: ${maskSecrets(message.replaceAll(/\s*\n\s*/g, " "))}\n`);
    return EXIT_FAILED;
  }
};

/** Runs the command that `context.argv` names. A command that fails is exit code 1 and one line, never a throw. */
export const runCli = async (
  commands: readonly CliCommand[],
  context: CliContext,
): Promise<ExitCode> => {
  const tree = buildTree(commands, context);
  const argv = plainSpelling(context.argv);
  const found = findCommand(commands, argv);
  if (found.kind === "unknown") {
    const near = nearest(found.word, found.known);
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    const word = JSON.stringify(maskSecrets(found.word.slice(0, 60)));
    return usageFailure(context, [`there is no command ${word}${hint}`], "calllog help");
  }
  const words = found.kind === "group" ? found.words : found.command.words;
  if (asksHelp(argv)) {
    context.stdout.write(tree.helpOf(leadingWords(argv).length === 0 ? [] : words));
    return EXIT_OK;
  }
  if (found.kind === "group") {
    context.stderr.write(tree.helpOf(words));
    return EXIT_USAGE;
  }
  return runCommand(found.command, tree, found.rest, context);
};
