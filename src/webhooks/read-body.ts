// The bytes of a request, never more than allowed: by Content-Length before a byte is read, and by counting where
// there is none (chunked). What the bytes mean is left to decode.ts.

/** The body's bytes; `too_large` where there are more than `maxBytes`, `broken` where the client went away. */
export const readBody = async (
  request: Request,
  maxBytes: number,
): Promise<Uint8Array | "too_large" | "broken"> => {
  const declared = request.headers.get("content-length");
  try {
    if (declared !== null) {
      if (Number(declared) > maxBytes) return "too_large";
      const bytes = new Uint8Array(await request.arrayBuffer());
      return bytes.length > maxBytes ? "too_large" : bytes;
    }
    return await readCounted(request, maxBytes);
  } catch {
    return "broken";
  }
};

const readCounted = async (
  request: Request,
  maxBytes: number,
): Promise<Uint8Array | "too_large"> => {
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      return "too_large";
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
};
