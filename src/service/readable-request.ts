// Repairs requests whose Host header breaks their URL. Bun copies the header as it came (`[`, `a:99999`), or leaves
// the host empty where it has invalid characters; `new URL()` then throws, and Elysia, which skips eleven characters,
// misses the path of hosts shorter than four letters (`http://pbx/start`), so that events would be lost. Such a
// request gets another host.

import type { Server } from "bun";

/** Where Elysia begins to look for the path in `http://host/path`. */
const ELYSIA_PATH_FROM = 11;

const isReadable = (url: string, pathAt: number): boolean =>
  pathAt >= ELYSIA_PATH_FROM && URL.canParse(url);

/**
 * Makes requests readable; `teach` makes a server answer for those that were made anew, which it does not know: who sent
 * them, and how long their connection may stay silent.
 */
export const createReadable = (): {
  readonly readable: (request: Request) => Request;
  readonly teach: (server: Server<undefined>) => void;
} => {
  const originals = new WeakMap<Request, Request>();
  // Senders come by one name: looking once whether it makes a URL is enough.
  let knownOrigin = "http://localhost/";
  return {
    readable: (request) => {
      const { url } = request;
      if (url.startsWith(knownOrigin)) return request;
      const pathAt = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("://") + 3);
      if (isReadable(url, pathAt)) {
        knownOrigin = url.slice(0, pathAt + 1);
        return request;
      }
      const path = pathAt < 0 ? "/" : url.slice(pathAt);
      const anew = new Request(`http://localhost${path}`, request);
      originals.set(anew, request);
      return anew;
    },
    teach: (server) => {
      const requestIP = server.requestIP.bind(server);
      const timeout = server.timeout.bind(server);
      server.requestIP = (request) => requestIP(originals.get(request) ?? request);
      server.timeout = (request, seconds) => timeout(originals.get(request) ?? request, seconds);
    },
  };
};
