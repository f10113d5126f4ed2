// `calllog agent`: listens to the manager interfaces of PBXs, or reads their CEL files, and hands their calls to a server elsewhere, or writes them
// into the files of this machine, until stopped. The same runs within `calllog serve --ami …`.

import { pbxsOf } from "../config/index.ts";
import { EXIT_FAILED, EXIT_OK } from "../lib/exit-code.ts";
import { openLog } from "../lib/log.ts";
import type { TextRule } from "../lib/text-rule.ts";
import { wordsIn } from "../lib/words.ts";
import { createCliIntake } from "../service/agent-intake.ts";
import { intakeDelivery } from "../service/intake-delivery.ts";
import { openLogOutput } from "../service/log-output.ts";
import { openCallsIn } from "../service/open-calls.ts";
import { type PbxLinksOptions, pbxName, startPbxLinks } from "../service/pbx-links.ts";
import { anyDelivery, httpDelivery } from "../sources/outbox/index.ts";
import { isNodeFolder } from "../store/index.ts";
import type { CliCommand, CommandArgs } from "./command.ts";
import { stopped } from "./stopped.ts";

const isAddress = (text: string): boolean => {
  const { protocol = "", username = "", password = "" } = URL.parse(text) ?? {};
  return /^https?:$/.test(protocol) && username === "" && password === "";
};

const urlRule: TextRule = {
  allows: (text) => wordsIn(text).length > 0 && wordsIn(text).every(isAddress),
  rule: "the address of a webhook listener without a password in it, such as http://server:8000, or several separated by commas",
};

const mistakes = (args: CommandArgs): string[] => {
  const { ami, cel, amiEnterprises, token } = args.config;
  const found: string[] = [];
  const isListening = ami.length > 0 || cel.length > 0;
  if (!isListening) found.push("--ami tcp://USER:SECRET@HOST:PORT or --cel FILE is needed");
  if (args.has("to") !== (token !== null)) {
    found.push("--to and --token (or CALLLOG_TOKEN) belong together");
  }
  if (!args.has("to") && isListening && amiEnterprises.length === 0) {
    found.push("--ami-enterprise is needed, or --to and --token where the server is elsewhere");
  }
  return found;
};

export const agentCommand: CliCommand = {
  words: ["agent"],
  summary: "listen to Asterisk's manager interface or CEL file and post its calls, until stopped",
  options: [
    {
      flag: "to",
      placeholder: "URL",
      text: "The webhook listener of a server elsewhere, or of each node of a cluster: where one does not answer, the next one is asked. Without it the files of --data-dir are written.",
      check: urlRule,
      repeats: true,
    },
  ],
  examples: [
    "calllog agent --ami tcp://calllog:SECRET@127.0.0.1:5038 --ami-enterprise 0367",
    "calllog agent --ami tcp://calllog:SECRET@127.0.0.1 --cel /var/log/asterisk/cel-custom/calllog.json --ami-enterprise 0367",
    "CALLLOG_AMI=tcp://calllog:SECRET@127.0.0.1 CALLLOG_TOKEN=TOKEN calllog agent --to http://server:8000",
    "CALLLOG_AMI=tcp://calllog:SECRET@127.0.0.1 CALLLOG_TOKEN=TOKEN calllog agent --to http://node1:8000 --to http://node2:8000",
  ],
  conflicts: mistakes,
  run: async (context, args) => {
    const { config } = args;
    const { stderr, clock, stopSignal } = context;
    const output = openLogOutput(config.logFile, stderr);
    const log = openLog({ level: config.logLevel, write: output.write, pretty: output.isTTY });
    const signal = stopSignal();
    const to = args.option("to");
    if (to === undefined && isNodeFolder(config.dataDir)) {
      stderr.write(
        "calllog: this folder is a node of a cluster: give --to with the nodes' webhook listeners, or --ami to calllog serve\n",
      );
      await output.close();
      return EXIT_FAILED;
    }
    const own = to === undefined ? await createCliIntake({ config, clock, log }) : undefined;
    const deliveryFor: PbxLinksOptions["deliveryFor"] = (enterprise) =>
      own === undefined
        ? anyDelivery(wordsIn(to ?? "").map((address) => httpDelivery(address, config.token ?? "")))
        : intakeDelivery(own.intake, own.directory, enterprise ?? "");
    try {
      const links = startPbxLinks({
        config,
        deliveryFor,
        clock,
        log,
        ...(own === undefined ? {} : { openCallsOf: openCallsIn(config, clock) }),
      });
      log.info("agent started", {
        pbxs: pbxsOf(config).map(pbxName),
        to: to ?? config.dataDir,
      });
      await stopped(signal);
      log.info("stopping", { within: `${config.shutdownTimeoutMs / 1000} s` });
      await links.stop(config.shutdownTimeoutMs);
      log.info("stopped");
      return EXIT_OK;
    } finally {
      await own?.close();
      await output.close();
    }
  },
};
