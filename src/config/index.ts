// Settings: flags, then the environment, then defaults, read through the one table of config/settings.ts.
// All mistakes come back together, so that an operator mends a unit file once. Reads and checks, and does nothing else:
// no file is opened, no logger started, nothing printed.

import { dirname, join } from "node:path";
import { maskSecrets } from "../lib/mask.ts";
import { err, ok, type Result } from "../lib/result.ts";
import type { AmiAddress } from "./ami.ts";
import { nearest } from "./nearest.ts";
import {
  type Config,
  environmentName,
  type Setting,
  type SettingName,
  settingEntries,
} from "./settings.ts";

export { isPeerPattern } from "./ami.ts";
export type { ArchiveAddress } from "./archive-url.ts";
export type { Config, Setting, SettingName } from "./settings.ts";

/** Something an operator wrote wrong. */
export type Mistake = {
  /** As the operator named it: `--webhook-port`, `CALLLOG_WEBHOOK_PORT`, `NUMBER`. */
  readonly setting: string;
  /** What was given; absent where nothing was, or where it must not be repeated. */
  readonly value?: string;
  /** What holds instead, such as "must be a whole number from 0 to 65535". */
  readonly rule: string;
};

/** A mistake in one line: `--port 99999: must be a whole number from 0 to 65535`. Never shows a secret. */
export const formatMistake = ({ setting, value, rule }: Mistake): string => {
  if (value === undefined) return `${setting}: ${rule}`;
  const shown = JSON.stringify(maskSecrets(value.length > 80 ? `${value.slice(0, 80)}…` : value));
  const plain = /^"[^"\\\s]+"$/.test(shown) ? shown.slice(1, -1) : shown;
  return `${setting}${setting.startsWith("CALLLOG_") ? "=" : " "}${plain}: ${rule}`;
};

export type ConfigSource = {
  /** The flags that were given, by name without dashes, as text. */
  readonly flags: ReadonlyMap<string, string>;
  readonly env: { readonly [name: string]: string | undefined };
  /** Relative folders are counted from here. */
  readonly cwd: string;
};

type Given = { readonly name: string; readonly text: string };

/** An empty variable counts as none: env files often keep `NAME=` for what is not set. */
const given = (entry: Setting<unknown>, { flags, env }: ConfigSource): Given | undefined => {
  const flag = flags.get(entry.flag);
  if (flag !== undefined) return { name: `--${entry.flag}`, text: flag };
  for (const name of [environmentName(entry.flag), entry.variable]) {
    const text = name === undefined ? undefined : env[name];
    if (name !== undefined && text !== undefined && text !== "") return { name, text };
  }
  return undefined;
};

const unknownVariables = (env: ConfigSource["env"]): Mistake[] => {
  const known = settingEntries().map(([, entry]) => environmentName(entry.flag));
  return Object.keys(env)
    .filter((name) => name.startsWith("CALLLOG_") && !known.includes(name))
    .sort()
    .map((name) => {
      const near = nearest(name, known);
      const hint = near === undefined ? "" : `; did you mean ${near}?`;
      return { setting: name, rule: `there is no such setting${hint}` };
    });
};

/** Settings that are matched with --ami by position must have as many entries. */
const amiConflicts = (
  config: Partial<Config>,
  nameOf: (setting: SettingName) => string,
): Mistake[] => {
  const { ami, cel } = config;
  if (ami === undefined || cel === undefined) return [];
  const first = ami.length === 0 && cel.length > 0 ? "cel" : "ami";
  const { length } = first === "cel" ? cel : ami;
  const counted = (["cel", "amiEnterprises", "amiTrunks", "amiExtensions"] as const).flatMap(
    (setting) => {
      const lists = config[setting];
      if (setting === first || lists === undefined) return [];
      if (lists.length === 0 || lists.length === length) return [];
      const rule = `must be given once for each ${nameOf(first)}: there are ${length} of those and ${lists.length} of these`;
      return [{ setting: nameOf(setting), rule }];
    },
  );
  return first === "cel" && cel.includes(null)
    ? [...counted, { setting: nameOf("cel"), rule: "must name a file where there is no --ami" }]
    : counted;
};

const isEveryAddress = (host: string): boolean => host === "0.0.0.0" || host === "::";

/** Checks rules between settings; looks only at settings that could be read. */
const conflicts = (
  config: Partial<Config>,
  nameOf: (setting: SettingName) => string,
): Mistake[] => {
  const { port, host = "", webhookPort, webhookHost = "" } = config;
  const sharesHost = host === webhookHost || [host, webhookHost].some(isEveryAddress);
  if (port === undefined || port === 0 || port !== webhookPort || !sharesHost) return [];
  return [
    {
      setting: nameOf("webhookPort"),
      value: String(webhookPort),
      rule: `must differ from ${nameOf("port")} on the same host`,
    },
  ];
};

/** Reads every setting; the answer is either complete or the list of all that is wrong. */
export const parseConfig = (source: ConfigSource): Result<Config, readonly Mistake[]> => {
  const mistakes: Mistake[] = unknownVariables(source.env);
  const values: Record<string, unknown> = {};
  const names = new Map<SettingName, string>();
  for (const [name, entry] of settingEntries()) {
    const found = given(entry, source);
    names.set(name, found?.name ?? `--${entry.flag}`);
    const parsed = entry.kind.parse(found?.text ?? entry.default, source.cwd);
    if (parsed.ok) {
      values[name] = parsed.value;
    } else {
      mistakes.push({
        setting: found?.name ?? `--${entry.flag}`,
        ...(entry.secret ? {} : { value: found?.text ?? entry.default }),
        rule: `must be ${parsed.error}`,
      });
    }
  }
  const nameOf = (name: SettingName): string => names.get(name) ?? name;
  mistakes.push(...conflicts(values as Partial<Config>, nameOf));
  mistakes.push(...amiConflicts(values as Partial<Config>, nameOf));
  return mistakes.length > 0 ? err(mistakes) : ok(values as Config);
};

/** Where the embedded directory of enterprises and people lies: beside the folder of the records. */
export const sqlitePathOf = (config: Pick<Config, "dataDir">): string =>
  join(dirname(config.dataDir), "calllog.sqlite");

/** One Asterisk of the settings: its manager interface, its CEL file, or both. */
export type Pbx = {
  readonly ami: AmiAddress | undefined;
  /** The path of its CEL file. */
  readonly cel: string | undefined;
  /** Whose calls those are; undefined where the server tells by the token. */
  readonly enterprise: string | undefined;
  /** What the operator says of its peers. */
  readonly rules: { readonly trunks: readonly string[]; readonly extensions: readonly string[] };
};

export type PbxSettings = Pick<
  Config,
  "ami" | "cel" | "amiEnterprises" | "amiTrunks" | "amiExtensions"
>;

/** The PBXs of the settings, in their order. */
export const pbxsOf = (config: PbxSettings): Pbx[] =>
  Array.from({ length: Math.max(config.ami.length, config.cel.length) }, (_, index) => ({
    ami: config.ami[index],
    cel: config.cel[index] ?? undefined,
    enterprise: config.amiEnterprises[index],
    rules: {
      trunks: config.amiTrunks[index] ?? [],
      extensions: config.amiExtensions[index] ?? [],
    },
  }));

/** Where events of manager interfaces wait that cannot be handed over. */
export const spoolDirOf = (config: Pick<Config, "dataDir" | "spoolDir">): string =>
  config.spoolDir ?? join(dirname(config.dataDir), "call_spool");
export type { DatabaseAddress } from "./database-url.ts";
export { nearest } from "./nearest.ts";
export { concerns, environmentName, settingEntries } from "./settings.ts";
export { type DurationUnit, parseDurationMs, reminderDelay } from "./values.ts";
