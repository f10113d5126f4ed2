// The operator's console for pictures of it: some enterprises, of which some need a look, and addresses that show the pages of a
// session without its cookie in the browser.

import { ENTERPRISE, type Served } from "../tests/browser/served.ts";
import { runBinary } from "../tests/support/binary.ts";

/** Beside the one that has calls: name, and what it lacks or has. */
const OTHERS: readonly (readonly [number: string, name: string, more: readonly string[]])[] = [
  ["0368", "Стоматология «Жемчуг»", ["--country", "BY"]],
  ["0371", "Автосервис «Поршень»", ["--bot-token", "700001:invented-token-of-a-picture"]],
  ["0375", "Доставка «Лукошко»", []],
];

export type ConsolePages = AsyncDisposable & {
  readonly pages: readonly (readonly [name: string, url: string])[];
};

const run = async (served: Served, words: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await runBinary(words, { cwd: served.cwd });
  if (code !== 0) throw new Error(`cannot ${words.join(" ")}: ${stderr}`);
  return stdout;
};

const prepare = async (served: Served): Promise<void> => {
  for (const [number, name, more] of OTHERS) {
    await run(served, ["enterprise", "add", number, "--name", name, ...more]);
  }
  const { number, webhookToken } = ENTERPRISE;
  await run(served, ["user", "set", "101", "--enterprise", number, "--cards", "missed"]);
  await run(served, ["hook", "add", number, "https://crm.example/calls"]);
  await run(served, ["enterprise", "set", number, "--hours", "mon-fri 09:00-18:00"]);
  await run(served, ["enterprise", "set", "0375", "--active", "no"]);
  const post = (body: string): Promise<Response> =>
    fetch(`${served.server.webhooksUrl}/start`, { method: "POST", body });
  for (let i = 0; i < 3; i += 1) await post(JSON.stringify({ Token: webhookToken, UniqueId: "" }));
  await post(
    `{"Token":"${webhookToken}","UniqueId":"1764493655.5","CallerIDName":"ООО "Ромашка""}`,
  );
};

/** Begins a session and shows it at addresses of its own. */
export const openConsolePages = async (served: Served): Promise<ConsolePages> => {
  await prepare(served);
  const base = served.server.pagesUrl;
  const [link = ""] = (await run(served, ["console", "--public-url", base])).split("\n", 1);
  const begun = await fetch(`${base}/console/begin`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: base },
    body: new URLSearchParams({ code: link.split("code=")[1] ?? "" }),
  });
  const cookie = (begun.headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";
  const language = { "accept-language": "ru" };
  const session = await (await fetch(`${base}/console`, { headers: { cookie } })).text();
  const token = /name="form_token" value="([^"]+)"/.exec(session)?.[1] ?? "";
  const proxy = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      const { pathname, searchParams } = new URL(request.url);
      const typed = searchParams.get("typed");
      const url = `${base}${pathname}`;
      if (typed === null) return fetch(url, { headers: { cookie, ...language } });
      const body = new URLSearchParams(`${typed}&form_token=${token}`);
      const headers = { cookie, origin: base, ...language };
      return fetch(url, { method: "POST", headers, body });
    },
  });
  const at = (path: string): string => `http://127.0.0.1:${proxy.port}/console${path}`;
  const enterprise = `/enterprises/${ENTERPRISE.number}`;
  const typed = encodeURIComponent("hours=с девяти до шести&was_hours=");
  return {
    pages: [
      ["console", at("")],
      ["console-enterprise", at(enterprise)],
      ["console-edit", at(`${enterprise}/edit?typed=${typed}`)],
      ["console-faults", at(`${enterprise}/faults`)],
      ["console-health", at("/health")],
    ],
    [Symbol.asyncDispose]: async () => {
      await proxy.stop(true);
    },
  };
};
