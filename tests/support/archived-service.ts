// A service whose finished days go into an archive: its enterprise, and what is asked of it.

import type { RunningBinary } from "./binary.ts";
import { post, req } from "./http.ts";

export const enterprise = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};

/** Reading is given up after 4 s, and tried again at the earliest 2 s after that. */
const WITHIN_MS = 20_000;

export const until = async (what: string, is: () => boolean | Promise<boolean>): Promise<void> => {
  const end = performance.now() + WITHIN_MS;
  while (!(await is())) {
    if (performance.now() > end) throw new Error(`not within ${WITHIN_MS} ms: ${what}`);
    await Bun.sleep(20);
  }
};

/** The page of a call. */
export const callOf = (
  { pagesUrl }: RunningBinary,
  id: string,
  accept = "application/json",
): Promise<Response> =>
  fetch(
    req(`/call/0367/${id}?token=${enterprise.secret}`, { base: pagesUrl, headers: { accept } }),
  );

/** Posts the start of a call. @returns the status of the answer */
export const postStart = async ({ webhooksUrl }: RunningBinary, id: string): Promise<number> => {
  const body = { Token: enterprise.webhookToken, UniqueId: id, Phone: "375295305942", CallType: 0 };
  return (await fetch(post("/start", body, { base: webhooksUrl }))).status;
};

export const healthOf = async ({
  pagesUrl,
}: RunningBinary): Promise<{ readonly status: string; readonly reasons: readonly string[] }> =>
  (await (await fetch(`${pagesUrl}/health`)).json()) as { status: string; reasons: string[] };
