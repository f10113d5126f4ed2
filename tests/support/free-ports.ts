// Ports of the loopback that nobody listens at, for programs that cannot choose one themselves.

import { createServer } from "node:net";

/** They differ from each other; somebody else may take one before it is used. */
export const freePorts = async (count: number): Promise<number[]> => {
  const open = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      return { server, port: typeof address === "object" && address !== null ? address.port : 0 };
    }),
  );
  await Promise.all(open.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return open.map(({ port }) => port);
};
