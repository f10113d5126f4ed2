// The settings as they are for one enterprise: what the directory says of it goes before what the service was told.

import { existsSync } from "node:fs";
import type { ListFollowRules } from "../call/index.ts";
import { type Config, sqlitePathOf } from "../config/index.ts";
import { errorText } from "../lib/errors.ts";
import { HOUR_MS } from "../lib/time.ts";
import type { CommandArgs } from "./command.ts";
import type { CliContext } from "./context.ts";
import { withDirectory } from "./with-directory.ts";

/** By which missed calls are followed up. */
export const followRulesOf = (
  config: Pick<Config, "followUpHours" | "missedMinWaitMs" | "country">,
): ListFollowRules => ({
  windowMs: config.followUpHours * HOUR_MS,
  minWaitMs: config.missedMinWaitMs,
  country: config.country,
});

/**
 * Reads, and makes no directory where there is none. Where the directory cannot be asked, that is said and the service's own
 * settings stand.
 */
export const configOf = async (
  { stderr }: Pick<CliContext, "stderr">,
  args: CommandArgs,
  number: string,
): Promise<Config & { readonly name?: string }> => {
  const { config } = args;
  if (config.databaseUrl === null && !existsSync(sqlitePathOf(config))) return config;
  try {
    const enterprise = await withDirectory(args, (directory) =>
      directory.enterpriseByNumber(number),
    );
    const name = enterprise?.name ?? undefined;
    return {
      ...config,
      country: enterprise?.country ?? config.country,
      ...(name === undefined ? {} : { name }),
    };
  } catch (error) {
    stderr.write(
      `calllog: numbers are read by --country, not as ${number} has it: ${errorText(error)}\n`,
    );
    return config;
  }
};
