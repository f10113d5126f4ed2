// Reads a response body up to a limit.

export type BoundedText = {
  /** Decoded as UTF-8; the beginning of a body that is longer. */
  readonly text: string;
  /** Whether that is the whole body. */
  readonly isWhole: boolean;
};

/**
 * Reads a response's body up to a limit; the rest is not waited for. Rejects where the connection fails.
 *
 * @param maxBytes bytes that are decoded at most
 */
export const readText = async (response: Response, maxBytes: number): Promise<BoundedText> => {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    const room = maxBytes - bytes;
    bytes += part.value.byteLength;
    text += decoder.decode(part.value.subarray(0, room), { stream: true });
    if (bytes <= maxBytes) continue;
    // Not awaited: with some peers it never resolves.
    reader?.cancel().catch(() => undefined);
    return { text, isWhole: false };
  }
  return { text: text + decoder.decode(), isWhole: true };
};
