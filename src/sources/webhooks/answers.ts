// The answers of listener 8000: `{"status":"ok"}`, or `{"error":{"code","message"}}` that names the rule and never
// repeats what was sent.

const jsonHeaders = { "content-type": "application/json" };
/** Ready-made `Headers` are copied at half the price of reading an object. */
const okInit = { headers: new Headers(jsonHeaders) };

/** 200: the event is recorded. */
export const okAnswer = (): Response => new Response('{"status":"ok"}', okInit);

/** An error; `headers` come on top of the content type. */
export const errorAnswer = (
  status: number,
  code: string,
  message: string,
  headers?: { readonly [name: string]: string },
): Response =>
  new Response(JSON.stringify({ error: { code, message } }), {
    status,
    headers: { ...jsonHeaders, ...headers },
  });

/** What `/health` says, as JSON. */
export const healthAnswer = ({ status, body }: { status: number; body: unknown }): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { ...jsonHeaders, "cache-control": "no-store" },
  });
