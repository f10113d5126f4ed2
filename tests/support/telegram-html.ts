// Telegram's HTML as strictly as the Bot API reads it ("Formatting options"): only its tags, closed in order, only its
// four named entities, no bare `<`, `>` or `&`. For tests of what is sent.

const TAGS = new Set(["b", "i", "u", "s", "code", "pre", "blockquote", "blockquote expandable"]);
const ENTITIES: { readonly [name: string]: string } = {
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
  "&quot;": '"',
};

/** What the reader sees. @throws where Telegram would answer `can't parse entities`. */
export const parseTelegramHtml = (html: string): string => {
  const open: string[] = [];
  let text = "";
  let at = 0;
  while (at < html.length) {
    const rest = html.slice(at);
    const tag = /^<(\/?)([a-z ]+)>/.exec(rest);
    const entity = /^&[a-z]+;/.exec(rest)?.[0];
    if (tag?.[2] !== undefined) {
      if (tag[1] === "/") {
        if (open.pop()?.split(" ")[0] !== tag[2]) throw new Error(`wrong </${tag[2]}> in ${html}`);
      } else if (!TAGS.has(tag[2])) throw new Error(`no tag <${tag[2]}> in ${html}`);
      else open.push(tag[2]);
      at += tag[0].length;
    } else if (entity !== undefined && ENTITIES[entity] !== undefined) {
      text += ENTITIES[entity];
      at += entity.length;
    } else if (/^[<>&]/.test(rest)) {
      throw new Error(`bare ${rest[0]} in ${html}`);
    } else {
      const plain = /^[^<>&]+/.exec(rest)?.[0] ?? "";
      text += plain;
      at += plain.length;
    }
  }
  if (open.length > 0) throw new Error(`unclosed ${open.join()} in ${html}`);
  return text;
};
