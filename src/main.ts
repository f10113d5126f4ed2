// The program: gives the real process to one command of cli/ and exits with its code. The list of commands is here.

import "./service/production.ts";
import { agentCommand } from "./cli/agent.ts";
import { archiveCommands } from "./cli/archive.ts";
import { callsCommand } from "./cli/calls.ts";
import { clusterCommands } from "./cli/cluster.ts";
import type { CliCommand } from "./cli/command.ts";
import { consoleCommand } from "./cli/console.ts";
import { demoCommand } from "./cli/demo.ts";
import { digestCommand } from "./cli/digest.ts";
import { doctorCommand } from "./cli/doctor.ts";
import { enterpriseCommands } from "./cli/enterprise.ts";
import { eraseCommand } from "./cli/erase.ts";
import { runCli } from "./cli/frame.ts";
import { healthCommand } from "./cli/health-command.ts";
import { hookCommands } from "./cli/hook.ts";
import { importCommand } from "./cli/import.ts";
import { linkCommand } from "./cli/link.ts";
import { migrateCommand } from "./cli/migrate.ts";
import { processContext } from "./cli/process-context.ts";
import { serveCommand } from "./cli/serve.ts";
import { showCommand } from "./cli/show.ts";
import { simulateCommand } from "./cli/simulate.ts";
import { tailCommand } from "./cli/tail.ts";
import { userCommands } from "./cli/user.ts";
import { versionCommand } from "./cli/version.ts";

const COMMANDS: readonly CliCommand[] = [
  serveCommand,
  agentCommand,
  demoCommand,
  simulateCommand,
  callsCommand,
  tailCommand,
  showCommand,
  digestCommand,
  linkCommand,
  consoleCommand,
  ...enterpriseCommands,
  ...userCommands,
  ...hookCommands,
  migrateCommand,
  importCommand,
  ...archiveCommands,
  ...clusterCommands,
  eraseCommand,
  doctorCommand,
  healthCommand,
  versionCommand,
];

const { context, finish } = processContext();
finish(await runCli(COMMANDS, context));
