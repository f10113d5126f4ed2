// Whose request it is, for counting wrong tokens.

/** What Bun's server tells of a connection; nothing of it exists elsewhere. */
type ClientOf = { readonly requestIP?: (request: Request) => { readonly address: string } | null };

/** The address at the other end of the connection; `unknown` where the runtime does not tell. */
export const clientOf = (request: Request, server: unknown): string =>
  (server as ClientOf | null)?.requestIP?.(request)?.address ?? "unknown";
