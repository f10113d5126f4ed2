// The metadata service: is anybody there.

import { type Check, note, ok, wrong } from "./finding.ts";

const METADATA_TIMEOUT_MS = 2000;

/** Whether the metadata service answers at all. */
export const metadata: Check = async ({ config: { metadataUrl } }) => {
  if (metadataUrl === null) {
    const todo = "give --metadata-url where there is such a service";
    return [note("metadata service", "not set: numbers stand instead of names", todo)];
  }
  const what = `metadata service ${metadataUrl}`;
  const todo = "see that it runs and that this machine may reach it";
  try {
    const signal = AbortSignal.timeout(METADATA_TIMEOUT_MS);
    const response = await fetch(`${metadataUrl}/`, { redirect: "manual", signal });
    await response.body?.cancel();
    // The service has no path for this: any answer below 500, such as a 404, shows that it is there.
    return response.status < 500
      ? [ok(what, "answers")]
      : [wrong(what, `answers HTTP ${response.status}`, todo)];
  } catch {
    return [wrong(what, "does not answer", todo)];
  }
};
