// `calllog link ENT UID`: the address of one call's page, as the button under its card carries it.

import { type DurationUnit, parseDurationMs } from "../config/index.ts";
import { EXIT_FAILED, EXIT_OK } from "../lib/exit-code.ts";
import { callPath, callToken } from "../pages/index.ts";
import { reachableUrl } from "../service/listener.ts";
import { callOperands } from "./call-operands.ts";
import type { CliCommand } from "./command.ts";
import { withDirectory } from "./with-directory.ts";

/** A plain number counts as days, as in --link-ttl. */
const PLAIN_UNIT: DurationUnit = "d";

export const linkCommand: CliCommand = {
  words: ["link"],
  summary: "print the address of one call's page; it opens this call alone, and expires",
  operands: callOperands,
  options: [
    {
      flag: "ttl",
      placeholder: "DURATION",
      text: "How long it works; else as long as --link-ttl says.",
      check: {
        allows: (text) => (parseDurationMs(text, PLAIN_UNIT) ?? 0) >= 1000,
        rule: "a duration of a second or more, such as 10m, 4h or 2d (a plain number is in days)",
      },
    },
  ],
  examples: [
    "calllog link 0367 1764493655.61 --public-url https://calls.example.by",
    "calllog link 0367 1764493655.61 --ttl 2d",
  ],
  conflicts: ({ config }) =>
    config.publicUrl === null && config.port === 0
      ? ["with --port 0 the address of the pages is not known: give --public-url"]
      : [],
  run: async ({ stdout, stderr, clock }, args) => {
    const { config } = args;
    const scope = { enterprise: args.operand("ENT"), uniqueId: args.operand("UID") };
    const enterprise = await withDirectory(args, (directory) =>
      directory.enterpriseByNumber(scope.enterprise),
    );
    if (enterprise === undefined || enterprise.secret === "") {
      stderr.write(
        enterprise === undefined
          ? `calllog: there is no enterprise ${scope.enterprise}; calllog enterprise list shows all\n`
          : `calllog: enterprise ${scope.enterprise} has no secret: calllog enterprise rotate-secret ${scope.enterprise}\n`,
      );
      return EXIT_FAILED;
    }
    const ttlMs = parseDurationMs(args.option("ttl") ?? "", PLAIN_UNIT) ?? config.linkTtlMs;
    const token = await callToken(enterprise.secret, scope, clock.now() + ttlMs);
    const base = config.publicUrl ?? reachableUrl(config.host, config.port);
    stdout.write(`${base}${callPath(scope, token)}\n`);
    if (!enterprise.active) {
      stderr.write(`calllog: enterprise ${scope.enterprise} is not active: its pages are closed\n`);
    }
    return EXIT_OK;
  },
};
