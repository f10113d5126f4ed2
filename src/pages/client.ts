// Whose request it is, for counting wrong tokens.

import { type ClientAddressOf, clientName, createClientAddressOf } from "../lib/client-address.ts";

/**
 * Names the client of a request: its address, of an IPv6 one the /64; `unknown` where the runtime does not tell.
 *
 * @param addressOf the rule of `--trust-proxy`; without it no proxy is trusted
 */
export const createClientOf = (
  addressOf: ClientAddressOf = createClientAddressOf([]),
): ((request: Request, server: unknown) => string) => {
  return (request, server) => clientName(addressOf(request, server));
};
