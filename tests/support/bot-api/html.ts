// Telegram's HTML as strictly as the Bot API reads it (Bot API, "HTML style"): what the reader sees, or why the message
// is refused.

const TAGS = new Set(
  "b strong i em u ins s strike del span tg-spoiler a code pre blockquote tg-emoji".split(" "),
);
const ATTRIBUTES: Readonly<Record<string, RegExp>> = {
  a: /^ href="[^"<>]*"$/,
  blockquote: /^ expandable$/,
  span: /^ class="tg-spoiler"$/,
  code: /^ class="language-[^"<>]*"$/,
  "tg-emoji": /^ emoji-id="\d+"$/,
};
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

export type Parsed =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

const refusal = (reason: string): Parsed => ({
  ok: false,
  reason: `Bad Request: can't parse entities: ${reason}`,
});

/** The visible text of `html`. */
export const parseTelegramHtml = (html: string): Parsed => {
  const open: string[] = [];
  let text = "";
  for (let at = 0; at < html.length; ) {
    const character = html[at] as string;
    if (character === "&") {
      const match = /^&(?:([a-z]+)|#(\d+)|#x([0-9a-f]+));/i.exec(html.slice(at, at + 12));
      const named = match?.[1] === undefined ? undefined : ENTITIES[match[1]];
      const code = match?.[2] ?? (match?.[3] === undefined ? undefined : `0x${match[3]}`);
      if (named === undefined && code === undefined) return refusal(`bad entity at byte ${at}`);
      text += named ?? String.fromCodePoint(Number(code));
      at += match?.[0].length ?? 1;
    } else if (character === "<") {
      const match = /^<(\/?)([a-z-]+)([^<>]*)>/i.exec(html.slice(at));
      const [whole = "", slash, name = "", rest = ""] = match ?? [];
      if (match === null || !TAGS.has(name)) return refusal(`unsupported start tag at byte ${at}`);
      if (slash === "/") {
        if (open.pop() !== name || rest !== "") return refusal(`unmatched end tag at byte ${at}`);
      } else {
        if (rest !== "" && ATTRIBUTES[name]?.test(rest) !== true) {
          return refusal(`bad attribute of tag "${name}" at byte ${at}`);
        }
        open.push(name);
      }
      at += whole.length;
    } else if (character === ">") {
      return refusal(`unescaped > at byte ${at}`);
    } else {
      text += character;
      at += 1;
    }
  }
  if (open.length > 0)
    return refusal(`can't find end tag corresponding to start tag "${open.at(-1)}"`);
  return { ok: true, text };
};
