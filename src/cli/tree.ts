// The commands as a tree of commander's: it reads flags and lays out help. Every flag is declared with an optional value,
// so that a missing one is reported beside all other mistakes instead of ending the reading at the first.

import { Command, Option } from "commander";
import { concerns, environmentName, settingEntries } from "../config/index.ts";
import type { CliCommand, CommandOption, Operand } from "./command.ts";
import type { CliContext } from "./context.ts";

export type GivenArguments = {
  readonly operands: readonly string[];
  /** By flag without dashes; `true` where no value followed. */
  readonly values: ReadonlyMap<string, string | true>;
  /** As given, without `=value`. */
  readonly unknownFlags: readonly string[];
};

export type CommandTree = {
  parse(command: CliCommand, argv: readonly string[]): GivenArguments;
  /** The help of a command, of a group (`["enterprise"]`), or of the program (`[]`). */
  helpOf(words: readonly string[]): string;
};

const OWN_FLAGS = "Flags:";
const OTHER_FLAGS = "Other:";

/** A value with those that the flag was given before. */
const joined = (value: string, before: unknown): string =>
  typeof before === "string" ? `${before} ${value}` : value;

const ownOption = ({ flag, placeholder, text, required, repeats }: CommandOption): Option => {
  const value = placeholder === undefined ? "" : ` [${placeholder}]`;
  const option = new Option(`--${flag}${value}`, required ? `${text} (needed)` : text);
  if (repeats) option.argParser(joined);
  return option.helpGroup(OWN_FLAGS);
};

const settingOptions = (command: string): Option[] =>
  settingEntries()
    .filter(([, entry]) => concerns(entry, command))
    .map(([, { flag, kind, text, group, repeats, default: standard }]) => {
      const option = new Option(`--${flag} [${kind.placeholder}]`, `${text} [${standard}]`);
      if (repeats) option.argParser(joined);
      return option.helpGroup(`${group}:`);
    });

const newCommand = (name: string, context: CliContext): Command =>
  new Command(name)
    .exitOverride()
    .allowUnknownOption()
    .allowExcessArguments()
    .helpCommand(false)
    .addHelpOption(new Option("-h, --help", "Show this help.").helpGroup(OTHER_FLAGS))
    .configureOutput({
      getOutHelpWidth: () => Math.min(context.stdout.columns ?? 100, 120),
      getOutHasColors: () => false,
    })
    .configureHelp({
      // Declared as optional (see above), but a value is needed.
      optionTerm: (option) => option.flags.replace("[", "<").replace("]", ">"),
      subcommandTerm: (command) => command.name(),
    });

const examplesText = (examples: readonly string[]): string =>
  examples.length === 0 ? "" : `\nExamples:\n${examples.map((line) => `  ${line}\n`).join("")}`;

const operandTerm = ({ name, optional, many }: Operand): string => {
  const term = many ? `${name}...` : name;
  return optional ? `[${term}]` : `<${term}>`;
};

const leafOf = (spec: CliCommand, context: CliContext): Command => {
  const leaf = newCommand(spec.words.at(-1) ?? "", context)
    .description(`${spec.summary.charAt(0).toUpperCase()}${spec.summary.slice(1)}.`)
    .summary(spec.summary)
    .usage([...(spec.operands ?? []).map(operandTerm), "[flags]"].join(" "));
  for (const operand of spec.operands ?? []) leaf.argument(operandTerm(operand), operand.text);
  for (const option of spec.options ?? []) leaf.addOption(ownOption(option));
  if (spec.settings !== false) {
    for (const option of settingOptions(spec.words[0])) leaf.addOption(option);
    leaf.addHelpText(
      "after",
      `\nSettings from the environment: ${environmentName("data-dir")} for --data-dir, and so on.`,
    );
  }
  return leaf.addHelpText("after", examplesText(spec.examples ?? []));
};

const ROOT_EXAMPLES = [
  "calllog --port 8026                           serve, with the call pages on port 8026",
  'calllog enterprise add 0367 --name "Example"  let an enterprise in; prints its token and secret',
  "calllog help enterprise add                   what a command takes",
];

/** Builds the tree; cheap, and made anew for every run because commander keeps what it has read. */
export const buildTree = (commands: readonly CliCommand[], context: CliContext): CommandTree => {
  const root = newCommand("calllog", context)
    .usage("[serve] [flags]\n       calllog COMMAND [flags]")
    .description(
      "Call logger for Asterisk: takes call events, writes them to plain daily files, and serves a page\nfor every call. Without a command it serves.",
    )
    .addHelpText("after", examplesText(ROOT_EXAMPLES));
  const nodes = new Map<string, Command>([["", root]]);
  for (const spec of commands) {
    let parent = root;
    for (const [i, word] of spec.words.entries()) {
      const path = spec.words.slice(0, i + 1).join(" ");
      let node = nodes.get(path);
      if (node === undefined) {
        const isLeaf = i === spec.words.length - 1;
        node = isLeaf
          ? leafOf(spec, context)
          : newCommand(word, context)
              .usage("COMMAND [flags]")
              .summary(groupSummary(commands, word));
        parent.addCommand(node);
        nodes.set(path, node);
      }
      parent = node;
    }
  }
  // Without a command the program serves, so its help shows what serving takes.
  if (nodes.has("serve")) for (const option of settingOptions("serve")) root.addOption(option);
  root.addOption(new Option("-V, --version", "Print the version.").helpGroup(OTHER_FLAGS));
  return {
    parse: (spec, argv) => parseWith(nodes.get(spec.words.join(" ")) ?? root, argv),
    helpOf: (words) => helpText(nodes.get(words.join(" ")) ?? root),
  };
};

const COMMANDS = /^Commands:\n(?: .*\n)+\n?/m;
const FIRST_FLAGS = /^[A-Z][\w ]*:\n {2}-/m;

/** The commands before the flags: whoever asks for help first wants to know what there is to do. */
const commandsFirst = (help: string): string => {
  const commands = COMMANDS.exec(help)?.[0];
  if (commands === undefined) return help;
  const others = help.replace(COMMANDS, "");
  const at = others.search(FIRST_FLAGS);
  return at < 0 ? help : `${others.slice(0, at)}${commands.trimEnd()}\n\n${others.slice(at)}`;
};

/** Only outputHelp includes the texts added after the help. */
const helpText = (command: Command): string => {
  const parts: string[] = [];
  command.configureOutput({ ...command.configureOutput(), writeOut: (text) => parts.push(text) });
  command.outputHelp();
  return commandsFirst(parts.join(""));
};

const groupSummary = (commands: readonly CliCommand[], word: string): string =>
  commands
    .filter(({ words }) => words[0] === word)
    .map(({ words }) => words.slice(1).join(" "))
    .join(", ");

const parseWith = (command: Command, argv: readonly string[]): GivenArguments => {
  const { operands, unknown } = command.parseOptions([...argv]);
  const values = new Map<string, string | true>();
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (typeof value === "string" || value === true) values.set(option.name(), value);
  }
  const unknownFlags: string[] = [];
  const words = [...operands];
  for (let i = 0; i < unknown.length; i++) {
    const arg = unknown[i] ?? "";
    if (arg === "--") {
      words.push(...unknown.slice(i + 1));
      break;
    }
    // A number of a group (`-1001234567890`) with a slip in it is no flag either.
    if (!arg.startsWith("-") || /^-\d/.test(arg)) {
      words.push(arg);
      continue;
    }
    const [flag = arg] = arg.split("=", 1);
    // After a single dash anything may stand, a mistyped secret too: its first letter says enough.
    unknownFlags.push(flag.startsWith("--") ? flag : flag.slice(0, 2));
    const next = unknown[i + 1];
    if (!arg.includes("=") && next !== undefined && !next.startsWith("-")) i++;
  }
  return { operands: words, values, unknownFlags };
};
