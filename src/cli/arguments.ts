// Checks the arguments of a command together with the settings and reports every mistake at once. Values of secret
// flags, and stray words that may be secrets, are never repeated.

import {
  type Config,
  concerns,
  formatMistake,
  type Mistake,
  nearest,
  parseConfig,
  settingEntries,
} from "../config/index.ts";
import type { CliCommand, CommandArgs } from "./command.ts";
import type { CliContext } from "./context.ts";
import type { GivenArguments } from "./tree.ts";

export type ReadArguments = {
  /** To be used only where there are no mistakes. */
  readonly args: CommandArgs;
  readonly mistakes: readonly Mistake[];
};

type Progress = {
  /** Flags of the command and operands, by name. */
  readonly values: Map<string, string>;
  /** What follows the first value of an operand that may be given more than once. */
  readonly more: string[];
  /** Flags of the settings table. */
  readonly settings: Map<string, string>;
  readonly mistakes: Mistake[];
};

const optionsOf = (command: CliCommand) => command.options ?? [];

const readFlags = (command: CliCommand, given: GivenArguments, reading: Progress): void => {
  const own = new Map(optionsOf(command).map((option) => [option.flag, option]));
  for (const [flag, value] of given.values) {
    const option = own.get(flag);
    const setting = `--${flag}`;
    if (value === true) {
      if (option !== undefined && option.placeholder === undefined) reading.values.set(flag, "");
      else {
        const rule = `needs a value (${setting}=VALUE where it begins with a dash)`;
        reading.mistakes.push({ setting, rule });
      }
    } else if (option === undefined) {
      reading.settings.set(flag, value);
    } else {
      reading.values.set(flag, value);
      if (option.check !== undefined && !option.check.allows(value)) {
        const rule = `must be ${option.check.rule}`;
        reading.mistakes.push({ setting, ...(option.secret ? {} : { value }), rule });
      }
    }
  }
  for (const { flag, required } of optionsOf(command)) {
    if (required && !given.values.has(flag)) {
      reading.mistakes.push({ setting: `--${flag}`, rule: "is needed" });
    }
  }
};

const unknownFlags = (command: CliCommand, flags: readonly string[]): Mistake[] => {
  const takesSetting = (entry: Parameters<typeof concerns>[0]): boolean =>
    command.settings !== false && concerns(entry, command.words[0]);
  const settings = settingEntries().map(([, entry]) => entry);
  const nameOf = (entry: { readonly flag: string }): string => `--${entry.flag}`;
  const known = [
    ...optionsOf(command).map(nameOf),
    ...settings.filter(takesSetting).map(nameOf),
    "--help",
  ];
  return flags.map((flag) => {
    if (known.includes(flag)) return { setting: flag, rule: "takes no value" };
    if (settings.map(nameOf).includes(flag)) {
      return { setting: flag, rule: `is no flag of calllog ${command.words.join(" ")}` };
    }
    const near = nearest(flag, known);
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    return { setting: flag, rule: `there is no such flag${hint}` };
  });
};

const readOperands = (command: CliCommand, given: GivenArguments, reading: Progress): void => {
  const operands = command.operands ?? [];
  for (const [i, { name, text, check, optional }] of operands.entries()) {
    const value = given.operands[i];
    if (value !== undefined) {
      reading.values.set(name, value);
      if (check !== undefined && !check.allows(value)) {
        reading.mistakes.push({ setting: name, value, rule: `must be ${check.rule}` });
      }
    } else if (!optional && given.unknownFlags.length === 0) {
      // A mistyped flag may have taken it for its value: one complaint is enough.
      reading.mistakes.push({ setting: name, rule: `is needed: ${text}` });
    }
  }
  const maySpillSecrets = optionsOf(command).some(({ secret }) => secret);
  for (const [i, value] of given.operands.entries()) {
    if (i < operands.length) continue;
    if (operands.at(-1)?.many) {
      reading.more.push(value);
      continue;
    }
    reading.mistakes.push({
      setting: `argument ${i + 1}`,
      ...(maySpillSecrets ? {} : { value }),
      rule: "is one too many (a command comes before its flags, a value in quotes where it has spaces)",
    });
  }
};

const defaultConfig = (cwd: string): Config => {
  const parsed = parseConfig({ flags: new Map(), env: {}, cwd });
  if (!parsed.ok) throw new Error(parsed.error.map(formatMistake).join("; "));
  return parsed.value;
};

/** Checks what was given to a command, and the settings with it. */
export const readArguments = (
  command: CliCommand,
  given: GivenArguments,
  { env, cwd }: Pick<CliContext, "env" | "cwd">,
): ReadArguments => {
  const reading: Progress = {
    values: new Map(),
    more: [],
    settings: new Map(),
    mistakes: [],
  };
  readOperands(command, given, reading);
  readFlags(command, given, reading);
  reading.mistakes.push(...unknownFlags(command, given.unknownFlags));

  let config = defaultConfig(cwd);
  if (command.settings !== false) {
    const parsed = parseConfig({ flags: reading.settings, env, cwd });
    if (parsed.ok) config = parsed.value;
    else reading.mistakes.push(...parsed.error);
  }
  const { values, more } = reading;
  return {
    mistakes: reading.mistakes,
    args: {
      config,
      operand: (name) => {
        const value = values.get(name);
        if (value === undefined) throw new Error(`${command.words.join(" ")} got no ${name}`);
        return value;
      },
      operands: (name) => [values.get(name) ?? [], more].flat(),
      option: (name) => values.get(name),
      has: (flag) => values.has(flag),
    },
  };
};
