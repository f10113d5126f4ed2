// One connection to a PostgreSQL host, up to the point where both sides may speak: TCP or Unix socket, and TLS as the
// address asks for it. TLS is begun here and not in the client library, so that certificates are checked against the
// host that was dialled, and so that the pool can cut a silent connection instead of waiting for it.

import { readFileSync } from "node:fs";
import { connect, isIP, type Socket } from "node:net";
import { type ConnectionOptions, checkServerIdentity, connect as connectTls } from "node:tls";
import type { DatabaseAddress } from "../config/index.ts";

type Host = DatabaseAddress["hosts"][number];

/** Faults of the address or the certificates: trying again does not help. */
export class TlsRefusal extends Error {}

/** Length 8, then the code that asks for TLS. */
const SSL_REQUEST = Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47);
const YES = "S".charCodeAt(0);

const readPem = (what: string, path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = "failed" } = error as NodeJS.ErrnoException;
    throw new TlsRefusal(`cannot read ${what} ${path} (${code})`);
  }
};

const tlsOptions = ({ ssl }: DatabaseAddress, host: string): ConnectionOptions => {
  const { mode, rootCert, cert, key } = ssl;
  const isChecked = mode === "verify-ca" || mode === "verify-full";
  return {
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: isChecked,
    // Without a servername Node would compare with "localhost".
    checkServerIdentity: (_, certificate) =>
      mode === "verify-full" ? checkServerIdentity(host, certificate) : undefined,
    ...(rootCert === undefined || rootCert === "system"
      ? {}
      : { ca: readPem("sslrootcert", rootCert) }),
    ...(cert === undefined || key === undefined
      ? {}
      : { cert: readPem("sslcert", cert), key: readPem("sslkey", key) }),
  };
};

/** Resolves at the event, rejects where the connection fails or ends before. */
const once = <T>(socket: Socket, event: "connect" | "secureConnect" | "data"): Promise<T> =>
  new Promise((resolve, reject) => {
    const settle = (): void => {
      socket.off(event, onEvent);
      socket.off("error", onError);
      socket.off("close", onClose);
    };
    const onEvent = (value: T): void => {
      settle();
      resolve(value);
    };
    const onError = (error: unknown): void => {
      settle();
      reject(error);
    };
    const onClose = (): void => onError(new Error("the connection was closed before it was ready"));
    socket.on(event, onEvent);
    socket.on("error", onError);
    socket.on("close", onClose);
  });

const secured = async (socket: Socket, address: DatabaseAddress, host: Host): Promise<Socket> => {
  const { mode } = address.ssl;
  const options = tlsOptions(address, host.host);
  const answered = once<Buffer>(socket, "data");
  socket.write(SSL_REQUEST);
  const answer = await answered;
  if (answer[0] !== YES) {
    if (mode === "prefer") return socket;
    throw new TlsRefusal(`the server takes no TLS, and the address has sslmode=${mode}`);
  }
  // More than the one byte would have been sent in the clear, by somebody in between.
  if (answer.length !== 1) throw new TlsRefusal("the server sent data before TLS began");
  const encrypted = connectTls({ ...options, socket });
  try {
    await once(encrypted, "secureConnect");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    encrypted.destroy();
    if (/^(ECONN|EPIPE|ETIMEDOUT)/.test(code ?? "")) throw error;
    throw new TlsRefusal(`its TLS certificate is not accepted: ${message}`);
  }
  return encrypted;
};

export type Dial = {
  readonly address: DatabaseAddress;
  readonly host: Host;
  readonly timeoutMs: number;
  /** Called with every socket as soon as it exists; it may be destroyed at any time. */
  readonly onSocket: (socket: Socket) => void;
};

/** @throws TlsRefusal, or the system's error (`ECONNREFUSED`, …) where the host cannot be reached in time. */
export const dial = async ({ address, host, timeoutMs, onSocket }: Dial): Promise<Socket> => {
  const socket =
    host.path === undefined
      ? connect({ host: host.host, port: host.port })
      : connect({ path: `${host.path}/.s.PGSQL.${host.port}` });
  onSocket(socket);
  // A fault between two waits must not become an uncaught error.
  socket.on("error", () => undefined);
  const late = new Error(`no connection within ${timeoutMs} ms`);
  const timer = setTimeout(
    () => socket.destroy(Object.assign(late, { code: "ETIMEDOUT" })),
    timeoutMs,
  );
  try {
    await once(socket, "connect");
    const ready =
      address.ssl.mode === "disable" || host.path !== undefined
        ? socket
        : await secured(socket, address, host);
    // The library tries for ever where a connection ends without an error before it is logged in.
    ready.on("end", () => ready.destroy(new Error("the server closed the connection")));
    return ready;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
};
