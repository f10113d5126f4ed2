// Requests in one line: for an app's `handle`, and, with the address of a running server as base, for `fetch`.

export type RequestOptions = {
  /** Such as `http://127.0.0.1:8026`. An app's `handle` does not look at it. */
  readonly base?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

const ANY_HOST = "http://localhost";

/** A GET request. */
export const req = (
  path: string,
  { base = ANY_HOST, headers = {} }: RequestOptions = {},
): Request => new Request(`${base}${path}`, { headers });

/** A POST request: a text is sent as it is, anything else as JSON. */
export const post = (
  path: string,
  body: unknown,
  { base = ANY_HOST, headers = {} }: RequestOptions = {},
): Request =>
  new Request(`${base}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
