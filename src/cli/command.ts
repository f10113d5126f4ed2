// What a command is: its words, what it takes, and what it does. The frame (frame.ts) reads the arguments, checks all of
// them together with the settings, and only then calls `run`; a command therefore never sees a wrong value.

import type { Config } from "../config/index.ts";
import type { ExitCode } from "../lib/exit-code.ts";
import type { TextRule } from "../lib/text-rule.ts";
import type { CliContext } from "./context.ts";

/** A word that is given by its place: `NUMBER`. Required unless said otherwise. */
export type Operand = {
  /** In capitals, as shown in `--help`. */
  readonly name: string;
  readonly text: string;
  readonly check?: TextRule;
  readonly optional?: true;
  /** May be given more than once: the last operand of its command. */
  readonly many?: true;
};

/** A flag of this command alone; those of the settings table come by themselves. */
export type CommandOption = {
  /** Without the dashes. */
  readonly flag: string;
  /** What stands for the value in `--help`; without it the flag is either there or not. */
  readonly placeholder?: string;
  readonly text: string;
  readonly check?: TextRule;
  readonly required?: true;
  /** May be given several times: its texts are put together with spaces. */
  readonly repeats?: true;
  /** The value is never repeated in a message. */
  readonly secret?: true;
};

/** The arguments of a command, read and checked. */
export type CommandArgs = {
  readonly config: Config;
  /** The operand of that name. @throws where it was optional and not given, or never declared. */
  operand(name: string): string;
  /** All values of an operand that may be given more than once. */
  operands(name: string): readonly string[];
  /** The value of the flag, undefined where it was not given. An optional operand is read so too, by its name. */
  option(name: string): string | undefined;
  /** Whether the flag was given. */
  has(flag: string): boolean;
};

export type CliCommand = {
  /** Such as `["enterprise", "add"]`. */
  readonly words: readonly [string, ...string[]];
  /** One line for the list of commands. */
  readonly summary: string;
  readonly operands?: readonly Operand[];
  readonly options?: readonly CommandOption[];
  /** Whole command lines, shown under the help. */
  readonly examples?: readonly string[];
  /** `false`: takes no settings, and works where they are wrong. */
  readonly settings?: false;
  /** A last look at arguments that are right one by one; each line it answers is a mistake. */
  readonly conflicts?: (args: CommandArgs) => readonly string[];
  /** Does the work. What it throws is printed in one line and is exit code 1. */
  run(context: CliContext, args: CommandArgs): Promise<ExitCode>;
};
