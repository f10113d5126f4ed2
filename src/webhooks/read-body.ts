// The bytes of a request, never more than allowed: by Content-Length before a byte is read, and by counting where
// there is none (chunked). What the bytes mean is left to decode.ts.

const readCounted = async (
  request: Request,
  maxBytes: number,
): Promise<ArrayBuffer | undefined> => {
  if (request.body === null) return new ArrayBuffer(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes.buffer;
};

/**
 * The body's bytes; undefined where there are more than `maxBytes`. No async function of its own: it runs for every
 * event. Rejects where the client went away.
 */
export const readBody = (
  request: Request,
  maxBytes: number,
): Promise<ArrayBuffer | undefined> | undefined => {
  const declared = request.headers.get("content-length");
  if (declared === null) return readCounted(request, maxBytes);
  return Number(declared) > maxBytes ? undefined : request.arrayBuffer();
};
