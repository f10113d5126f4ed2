// `calllog console`: a link into the operator's console. It is printed once and kept nowhere; the service, which may be another
// process, finds what it opens in the data folder.

import { openAudit } from "../changes/index.ts";
import { openConsoleStore } from "../console/index.ts";
import { EXIT_OK } from "../lib/exit-code.ts";
import { reachableUrl } from "../service/listener.ts";
import { operatorName } from "./audited.ts";
import type { CliCommand } from "./command.ts";

export const consoleCommand: CliCommand = {
  words: ["console"],
  summary: "print a link that opens the operator's console once, within 5 minutes",
  options: [{ flag: "end", text: "End all sessions and links instead." }],
  examples: [
    "calllog console --public-url https://calls.example.by",
    "ssh -L 8026:127.0.0.1:8026 pbx calllog console",
    "calllog console --end",
  ],
  conflicts: ({ config, has }) =>
    !has("end") && config.publicUrl === null && config.port === 0
      ? ["with --port 0 the address of the pages is not known: give --public-url"]
      : [],
  run: async (context, args) => {
    const { stdout, clock } = context;
    const { config } = args;
    const store = openConsoleStore(config.dataDir, clock);
    const audit = openAudit(config.dataDir, clock);
    const by = { who: operatorName(context), from: "command line" };
    if (args.has("end")) {
      const ended = store.endAll();
      audit({ ...by, what: "console-end-all" });
      stdout.write(`Sessions of the console, now ended: ${ended}. No link opens it.\n`);
      return EXIT_OK;
    }
    const code = store.createLink(by.who);
    audit({ ...by, what: "console-link" });
    const base = config.publicUrl ?? reachableUrl(config.host, config.port);
    stdout.write(
      `${base}/console?code=${code}\n\nOpens the console once, within 5 minutes; the session lasts 12 hours. It opens over https, or on this machine.\n`,
    );
    return EXIT_OK;
  },
};
