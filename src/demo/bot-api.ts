// A stand-in for Telegram's Bot API, so that the demo shows cards without an account: it takes messages, keeps what
// stands, and tells the terminal. It checks nothing and limits nothing; never in the serving path.

export type CardSeen = {
  readonly action: "send" | "edit" | "delete";
  /** What a reader sees of the card, one line; of a deleted one, what stood there. */
  readonly text: string;
};

const ENTITIES: { readonly [entity: string]: string } = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&amp;": "&",
};

const plainLine = (html: string): string =>
  html
    .replace(/<[^>]*>/g, "")
    .replace(/&(?:lt|gt|quot|amp);/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/\s+/g, " ");

type Params = {
  readonly chat_id?: number | string;
  readonly message_id?: number;
  readonly text?: string;
};

/** Makes the stand-in's request handler; `onCard` hears of every change. */
export const createDemoBotApi = (onCard: (seen: CardSeen) => void) => {
  const messages = new Map<number, string>();
  let lastId = 0;

  const message = (id: number, chatId: unknown) => ({
    message_id: id,
    date: 0,
    chat: { id: Number(chatId), type: "private", first_name: "demo" },
  });

  const perform = (method: string, params: Params): unknown => {
    const text = plainLine(params.text ?? "");
    const id = params.message_id ?? 0;
    switch (method) {
      case "sendMessage":
        lastId += 1;
        messages.set(lastId, text);
        onCard({ action: "send", text });
        return message(lastId, params.chat_id);
      case "editMessageText":
        messages.set(id, text);
        onCard({ action: "edit", text });
        return message(id, params.chat_id);
      case "deleteMessage":
        onCard({ action: "delete", text: messages.get(id) ?? "" });
        messages.delete(id);
        return true;
      case "getUpdates":
        return [];
      case "getWebhookInfo":
        return { url: "" };
      default:
        return { id: 1, is_bot: true, first_name: "demo", username: "calllog_demo_bot" };
    }
  };

  return async (request: Request): Promise<Response> => {
    const method = new URL(request.url).pathname.split("/").at(-1) ?? "";
    const params = (await request.json().catch(() => ({}))) as Params;
    return Response.json({ ok: true, result: perform(method, params) });
  };
};
