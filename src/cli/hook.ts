// `calllog hook …`: an enterprise's own programs that are told of its calls. Webhooks are files in the data folder; the
// service, which may be another process, notices them within a second.

import { idKey } from "../domain/record.ts";
import {
  createPost,
  type Hook,
  type HookAnswer,
  type HookStore,
  hookSecretRule,
  hookUrlRule,
  isDelivered,
  openHooks,
  refusedAsWritten,
  shownTarget,
  signedHeaders,
  testBody,
} from "../hooks/index.ts";
import { EXIT_FAILED, EXIT_OK, type ExitCode } from "../lib/exit-code.ts";
import { printable } from "../lib/printable.ts";
import { utcMinute } from "../lib/time.ts";
import { hasNotifier } from "../service/notifier-lock.ts";
import { openTraceReader } from "../store/index.ts";
import { callOperands } from "./call-operands.ts";
import type { CliCommand, CommandArgs, Operand } from "./command.ts";
import type { CliContext } from "./context.ts";
import { JSON_FLAG, printList } from "./table.ts";
import { withDirectory } from "./with-directory.ts";

const [ENT] = callOperands as [Operand];

const ID: Operand = {
  name: "ID",
  text: "the webhook's id, such as h1f0c9a2b (calllog hook list)",
  check: { allows: (text) => /^h[0-9a-f]{8}$/.test(text), rule: "h and 8 hexadecimal digits" },
};

const storeOf = (args: CommandArgs, { clock }: CliContext): HookStore =>
  openHooks(args.config.dataDir, clock);

const missing = ({ stderr }: CliContext, number: string, id: string): ExitCode => {
  stderr.write(
    `calllog: enterprise ${number} has no webhook ${id}; calllog hook list ${number} shows all\n`,
  );
  return EXIT_FAILED;
};

const none = ({ stderr }: CliContext, number: string): ExitCode => {
  stderr.write(`calllog: enterprise ${number} has no webhooks: calllog hook add ${number} URL\n`);
  return EXIT_FAILED;
};

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
    const { stdout, stderr } = context;
    const number = args.operand("ENT");
    const url = args.operand("URL");
    const refused = refusedAsWritten(url, args.config.hookAllowPrivate);
    if (refused !== undefined) {
      stderr.write(`calllog: cannot add the webhook: ${refused}\n`);
      return EXIT_FAILED;
    }
    const enterprise = await withDirectory(args, (directory) =>
      directory.enterpriseByNumber(number),
    );
    if (enterprise === undefined) {
      stderr.write(
        `calllog: there is no enterprise ${number}; calllog enterprise list shows all\n`,
      );
      return EXIT_FAILED;
    }
    const store = storeOf(args, context);
    const same = store.of(number).find((hook) => hook.url === url);
    if (same !== undefined) {
      if (same.goneAt === null) {
        stderr.write(`calllog: that is webhook ${same.id} of enterprise ${number} already\n`);
        return EXIT_FAILED;
      }
      store.markBack(same);
      stdout.write(`Webhook ${same.id} of enterprise ${number} is on again; its secret stays.\n`);
      return EXIT_OK;
    }
    const hook = store.add(number, url, args.option("secret"));
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
    if (!storeOf(args, context).remove(number, id)) return missing(context, number, id);
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
    const hook = storeOf(args, context).rotate(number, id);
    if (hook === undefined) return missing(context, number, id);
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

/** `204`, or why there was no answer. */
export const answerText = ({ status, text }: HookAnswer): string => {
  if (status !== 0) return String(status);
  const { error = text } = JSON.parse(text) as { error?: string };
  return error;
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
    const hooks = storeOf(args, context)
      .of(number)
      .filter((hook) => id === undefined || hook.id === id);
    if (hooks.length === 0) {
      if (id !== undefined) return missing(context, number, id);
      return none(context, number);
    }
    const post = createPost({ allowed: args.config.hookAllowPrivate, now: clock.now });
    let isTaken = true;
    for (const hook of hooks) {
      const body = testBody(number, clock.now());
      const headers = {
        "content-type": "application/json",
        ...signedHeaders(hook, `msg_test${clock.now()}`, body, clock.now()),
      };
      const answer = await post(hook.url, body, headers);
      const isOk = isDelivered(answer.status);
      isTaken &&= isOk;
      stdout.write(
        `${hook.id}  ${shownTarget(hook.url)}  ${isOk ? "taken" : "not taken"}: ${printable(answerText(answer))}\n`,
      );
    }
    return isTaken ? EXIT_OK : EXIT_FAILED;
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
    const hooks = store.of(number);
    if (hook !== null && !hooks.some(({ id }) => id === hook))
      return missing(context, number, hook);
    if (hooks.length === 0) return none(context, number);
    const { records } = await openTraceReader(dataDir).find(number, [idKey(uniqueId)]);
    if (records.length === 0) {
      stderr.write(
        `calllog: no record of ${uniqueId} in ${dataDir}/${number}; is --data-dir right?\n`,
      );
      return EXIT_FAILED;
    }
    store.askAgain(number, { uniqueId, hook });
    stdout.write(
      hasNotifier(dataDir)
        ? "The service sends it again within a few seconds; the call's page shows what is answered.\n"
        : "The service does not run on this folder now; it sends it again when it is started.\n",
    );
    return EXIT_OK;
  },
};

export const hookCommands: readonly CliCommand[] = [add, list, test, resend, rotate, remove];
