// Changes made on the command line, told to the same audit as those of the console.

import { existsSync, readFileSync } from "node:fs";
import { type Audit, type AuditEntry, audited, openAudit } from "../changes/index.ts";
import { EXIT_OK, type ExitCode } from "../lib/exit-code.ts";
import type { Directory } from "../people/index.ts";
import type { CommandArgs } from "./command.ts";
import type { CliContext } from "./context.ts";
import { withDirectory } from "./with-directory.ts";

/**
 * The name of a user in the text of `/etc/passwd` (passwd(5)); undefined where it has none.
 *
 * @param uid the user's number
 */
export const nameInPasswd = (passwd: string, uid: number): string | undefined => {
  for (const line of passwd.split("\n")) {
    const [name = "", , id] = line.split(":");
    if (id === String(uid) && name !== "") return name;
  }
  return undefined;
};

/** The user who runs the program; behind sudo the one who asked for it. The environment alone is believed from root only. */
export const operatorName = ({ env }: Pick<CliContext, "env">): string => {
  const uid = process.getuid?.();
  const asked = env["SUDO_USER"];
  if (uid === undefined) return env["USERNAME"] ?? "unknown";
  if (uid === 0 && asked !== undefined && asked !== "") return asked;
  const passwd = existsSync("/etc/passwd") ? readFileSync("/etc/passwd", "utf8") : "";
  return nameInPasswd(passwd, uid) ?? `uid ${uid}`;
};

/**
 * The audit of a command. Before the service has made the data folder there is none; where it cannot be written, by a user who
 * may not, the command says so and goes on: the directory may be on another machine.
 */
const auditOf = ({ clock, stderr }: CliContext, { config: { dataDir } }: CommandArgs): Audit => {
  const audit = openAudit(dataDir, clock);
  return (entry) => {
    if (!existsSync(dataDir)) return;
    try {
      audit(entry);
    } catch (error) {
      stderr.write(
        `calllog: this change is not in ${dataDir}/.audit.log: ${(error as Error).message}; run it as the service's user\n`,
      );
    }
  };
};

/** What is told beside who did it. */
type Change = Pick<AuditEntry, "what" | "enterprise" | "about">;

/** Does the work of a command and tells it. Rejects as the work does. */
export const auditedCommand = <T>(
  context: CliContext,
  args: CommandArgs,
  change: Change,
  work: () => Promise<T> | T,
): Promise<T> => {
  const by = { who: operatorName(context), from: "command line" };
  return audited(auditOf(context, args), { ...by, ...change }, work);
};

/** The same of work that says by its exit code that it failed. */
export const auditedExit = async (
  context: CliContext,
  args: CommandArgs,
  change: Change,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> => {
  const code = await auditedCommand(context, args, change, work);
  if (code !== EXIT_OK) {
    const by = { who: operatorName(context), from: "command line" };
    auditOf(context, args)({ ...by, ...change, what: `${change.what}-failed` });
  }
  return code;
};

/** The same of work on the directory. @throws DirectoryError where it cannot be opened. */
export const auditedDirectory = <T>(
  context: CliContext,
  args: CommandArgs,
  change: Change,
  work: (directory: Directory) => Promise<T>,
): Promise<T> => auditedCommand(context, args, change, () => withDirectory(args, work));
