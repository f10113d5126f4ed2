// `calllog hook …`: an enterprise's own programs that are told of its calls. Webhooks are files in the data folder; the
// service, which may be another process, notices them within a second.

import { addHook, hooksOf, removeHook, rotateHook, testHook } from "../changes/index.ts";
import { idKey } from "../domain/record.ts";
import {
  createPost,
  type Hook,
  type HookStore,
  hookSecretRule,
  hookUrlRule,
  openHooks,
  shownTarget,
} from "../hooks/index.ts";
import { EXIT_FAILED, EXIT_OK } from "../lib/exit-code.ts";
import { printable } from "../lib/printable.ts";
import { utcMinute } from "../lib/time.ts";
import { hasNotifier } from "../service/notifier-lock.ts";
import { openTraceReader } from "../store/index.ts";
import { auditedCommand, auditedDirectory, auditedExit } from "./audited.ts";
import { callOperands } from "./call-operands.ts";
import type { CliCommand, CommandArgs, Operand } from "./command.ts";
import type { CliContext } from "./context.ts";
import { JSON_FLAG, printList } from "./table.ts";

const [ENT] = callOperands as [Operand];

const ID: Operand = {
  name: "ID",
  text: "the webhook's id, such as h1f0c9a2b (calllog hook list)",
  check: { allows: (text) => /^h[0-9a-f]{8}$/.test(text), rule: "h and 8 hexadecimal digits" },
};

const storeOf = (args: CommandArgs, { clock }: CliContext): HookStore =>
  openHooks(args.config.dataDir, clock);

const stateOf = ({ goneAt }: Hook): string =>
  goneAt === null ? "on" : `off: its target answered 410 on ${utcMinute(goneAt)}`;

const secretText = (hook: Hook): string =>
  `  ${hook.secret}\n\nIt is shown this once: the receiver checks signatures with it (Standard Webhooks).\n`;

const add: CliCommand = {
  words: ["hook", "add"],
  summary: "tell a program of an enterprise's calls; prints the secret that signs what it gets",
  operands: [ENT, { name: "URL", text: "where it takes them", check: hookUrlRule }],
  options: [
    {
      flag: "secret",
      placeholder: "SECRET",
      text: "The secret, where the program has one already; made up where not given.",
      check: hookSecretRule,
      secret: true,
    },
    JSON_FLAG,
  ],
  examples: [
    "calllog hook add 0367 https://crm.example/calllog",
    "calllog hook add 0367 http://10.0.0.5/calls --hook-allow-private 10.0.0.0/24",
  ],
  run: async (context, args) => {
    const { stdout } = context;
    const number = args.operand("ENT");
    const url = args.operand("URL");
    const wish = { enterprise: number, url, secret: args.option("secret") };
    const hooks = storeOf(args, context);
    const allowed = args.config.hookAllowPrivate;
    const entry = { what: "hook-add", enterprise: number, about: shownTarget(url) };
    const { hook, isBack } = await auditedDirectory(context, args, entry, (directory) =>
      addHook({ hooks, directory, allowed }, wish),
    );
    if (isBack) {
      stdout.write(`Webhook ${hook.id} of enterprise ${number} is on again; its secret stays.\n`);
      return EXIT_OK;
    }
    const { id, secret } = hook;
    if (args.has("json")) stdout.write(`${JSON.stringify({ enterprise: number, id, secret })}\n`);
    else
      stdout.write(`Webhook ${id}: ${shownTarget(url)} is told of the calls of enterprise ${number} from now on. Its secret:

${secretText(hook)}
Next: calllog hook test ${number} ${id}
`);
    return EXIT_OK;
  },
};

const list: CliCommand = {
  words: ["hook", "list"],
  summary: "list the programs that are told of calls",
  operands: [{ ...ENT, optional: true }],
  options: [JSON_FLAG],
  run: async (context, args) => {
    const store = storeOf(args, context);
    const number = args.option("ENT");
    const rows = (number === undefined ? store.enterprises() : [number]).flatMap((one) =>
      store.of(one),
    );
    printList(context.stdout, args, {
      rows,
      none: "There are no webhooks: calllog hook add ENT URL",
      json: (hook) => ({
        enterprise: hook.enterprise,
        id: hook.id,
        target: shownTarget(hook.url),
        createdAt: new Date(hook.createdAt).toISOString(),
        goneAt: hook.goneAt === null ? null : new Date(hook.goneAt).toISOString(),
      }),
      headings: ["ENTERPRISE", "ID", "TARGET", "SINCE (UTC)", "STATE"],
      cells: (hook) => [
        hook.enterprise,
        hook.id,
        shownTarget(hook.url),
        utcMinute(hook.createdAt),
        stateOf(hook),
      ],
    });
    return EXIT_OK;
  },
};

const remove: CliCommand = {
  words: ["hook", "remove"],
  summary: "tell a program of no more calls",
  operands: [ENT, ID],
  run: async (context, args) => {
    const [number, id] = [args.operand("ENT"), args.operand("ID")];
    const entry = { what: "hook-remove", enterprise: number, about: id };
    await auditedCommand(context, args, entry, () =>
      removeHook(storeOf(args, context), number, id),
    );
    context.stdout.write(`Webhook ${id} of enterprise ${number} is removed.\n`);
    return EXIT_OK;
  },
};

const rotate: CliCommand = {
  words: ["hook", "rotate"],
  summary: "give a webhook a new secret; the one before signs beside it for a day",
  operands: [ENT, ID],
  options: [JSON_FLAG],
  run: async (context, args) => {
    const [number, id] = [args.operand("ENT"), args.operand("ID")];
    const entry = { what: "hook-rotate", enterprise: number, about: id };
    const hook = await auditedCommand(context, args, entry, () =>
      rotateHook(storeOf(args, context), number, id),
    );
    const { secret, former } = hook;
    const until = former?.until ?? 0;
    context.stdout.write(
      args.has("json")
        ? `${JSON.stringify({ enterprise: number, id, secret, formerUntil: new Date(until).toISOString() })}\n`
        : `The new secret of webhook ${id}; the one before signs too until ${utcMinute(until)}:\n\n${secretText(hook)}`,
    );
    return EXIT_OK;
  },
};

const test: CliCommand = {
  words: ["hook", "test"],
  summary:
    "send a program a signed message without a call (type calllog.test), and say what it answers",
  operands: [ENT, { ...ID, optional: true }],
  run: async (context, args) => {
    const { stdout, clock } = context;
    const number = args.operand("ENT");
    const id = args.option("ID");
    const hooks = hooksOf(storeOf(args, context), number, id);
    const post = createPost({ allowed: args.config.hookAllowPrivate, now: clock.now });
    const entry = { what: "hook-test", enterprise: number, about: id };
    return auditedExit(context, args, entry, async () => {
      let isTaken = true;
      for (const hook of hooks) {
        const tested = await testHook(hook, { post, clock });
        isTaken &&= tested.isTaken;
        stdout.write(
          `${hook.id}  ${shownTarget(hook.url)}  ${tested.isTaken ? "taken" : "not taken"}: ${printable(tested.answer)}\n`,
        );
      }
      return isTaken ? EXIT_OK : EXIT_FAILED;
    });
  },
};

const resend: CliCommand = {
  words: ["hook", "resend"],
  summary: "send a call's events to the programs again, whatever they answered before",
  operands: callOperands,
  options: [
    {
      flag: "hook",
      placeholder: "ID",
      text: "To this webhook alone.",
      ...(ID.check === undefined ? {} : { check: ID.check }),
    },
  ],
  examples: ["calllog hook resend 0367 1764493655.61"],
  run: async (context, args) => {
    const { stdout, stderr } = context;
    const [number, uniqueId] = [args.operand("ENT"), args.operand("UID")];
    const { dataDir } = args.config;
    const store = storeOf(args, context);
    const hook = args.option("hook") ?? null;
    hooksOf(store, number, hook ?? undefined);
    const { records } = await openTraceReader(dataDir).find(number, [idKey(uniqueId)]);
    if (records.length === 0) {
      stderr.write(
        `calllog: no record of ${uniqueId} in ${dataDir}/${number}; is --data-dir right?\n`,
      );
      return EXIT_FAILED;
    }
    const entry = { what: "hook-resend", enterprise: number, about: uniqueId };
    await auditedCommand(context, args, entry, () => store.askAgain(number, { uniqueId, hook }));
    stdout.write(
      hasNotifier(dataDir)
        ? "The service sends it again within a few seconds; the call's page shows what is answered.\n"
        : "The service does not run on this folder now; it sends it again when it is started.\n",
    );
    return EXIT_OK;
  },
};

export const hookCommands: readonly CliCommand[] = [add, list, test, resend, rotate, remove];
