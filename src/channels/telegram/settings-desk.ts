// People choose in the chat what they get of an enterprise's cards: /settings opens a menu, its buttons change one value
// each. What is stored decides, at every step: a menu is only how it looked when it was drawn. In groups administrators
// choose.

import {
  type ChatPreferences,
  DEFAULT_PREFERENCES,
  type PreferenceName,
  preferenceText,
} from "../../domain/chat-preferences.ts";
import { type Enterprise, isEnterpriseNumber } from "../../domain/enterprise.ts";
import type { Lang } from "../../domain/lang.ts";
import type { Log } from "../../lib/log.ts";
import type { Directory } from "../../people/index.ts";
import { doorTextsOf, readerLang, type SettingsTexts, settingsTextsOf } from "../../texts/index.ts";
import type { Menu, PressAnswer } from "./bot.ts";
import { type Answering, type Door, greetingOf, hasCode, type Tie, tiesOf } from "./door.ts";
import type { IncomingMessage, IncomingPress, Sender } from "./incoming.ts";
import {
  choiceMenu,
  correction,
  enterpriseMenu,
  mainMenu,
  type Place,
  parseTyped,
  parseWish,
  summary,
  type TypedWish,
  type Wish,
  whichOne,
  withValue,
} from "./settings.ts";

export type SettingsOptions = {
  /** Takes the changes, so that its own memory of what chats want is right at once. */
  readonly directory: Pick<Directory, "setChatPreferences">;
  /** Remembers nothing: a menu tells what is stored now. */
  readonly directoryNow: Pick<Directory, "enterprises" | "users" | "chatPreferences">;
  readonly answering: Pick<Answering, "deliver" | "isMeant">;
  readonly log: Log;
  /** For people whose Telegram tells no language; also the language of cards where a chat chose none. */
  readonly lang: Lang;
  /** Somebody who may has opened or changed settings, and will go on. */
  readonly onUse: (door: Door) => void;
};

export type Settings = {
  /** Answers /settings; whether the message was one. Never throws. */
  handleMessage(door: Door, message: IncomingMessage): Promise<boolean>;
  /** Answers a pressed button, whosever it is. Never throws. */
  handlePress(door: Door, press: IncomingPress): Promise<void>;
};

/** Where something was written or pressed, and by whom. */
type Scene = {
  readonly door: Door;
  readonly chatId: string;
  readonly isGroup: boolean;
  readonly topic: number | null;
  readonly sender: Sender;
  readonly texts: SettingsTexts;
  readonly ties: readonly Tie[];
  readonly enterprises: readonly Enterprise[];
};

const COMMAND = /^\/settings(?:@(\w+))?(?:\s+(.*))?$/is;

/** What the reader is told in place of what was asked for. */
class Refused extends Error {
  readonly told: string;

  constructor(told: string) {
    super("refused");
    this.told = told;
  }
}

const plain = (text: string): Menu => ({ pieces: [text], rows: [] });

const enterprisesOf = (ties: readonly Tie[]): readonly Enterprise[] => {
  const byNumber = new Map(
    ties.flatMap(({ enterprises }) => enterprises.map((one) => [one.number, one] as const)),
  );
  // Others have no folder, and so no calls.
  return [...byNumber.values()].filter(({ number }) => isEnterpriseNumber(number));
};

class SettingsDesk implements Settings {
  readonly #options: SettingsOptions;

  constructor(options: SettingsOptions) {
    this.#options = options;
  }

  async handleMessage(door: Door, message: IncomingMessage): Promise<boolean> {
    const [isOurs, userName, line = ""] = COMMAND.exec(message.text.trim()) ?? [];
    const { answering, lang } = this.#options;
    if (isOurs === undefined || !(await answering.isMeant(door, userName))) return false;
    const { chatId, topic, languageCode } = message;
    const texts = settingsTextsOf(readerLang(languageCode, lang));
    const menu = await this.#answerMessage(door, message, texts, line).catch((error: unknown) =>
      plain(this.#toldOf(error, chatId, texts)),
    );
    const send = (to: number | null) =>
      answering.deliver(door, chatId, () => door.bot.sendMenu(chatId, menu, to));
    const sent = await send(topic);
    const isTopicShut = !sent.ok && sent.error.kind === "refused" && sent.error.why === "topic";
    if (isTopicShut && topic !== null) await send(null);
    return true;
  }

  async handlePress(door: Door, press: IncomingPress): Promise<void> {
    const { under, data, languageCode } = press;
    const texts = settingsTextsOf(readerLang(languageCode, this.#options.lang));
    const wish = parseWish(data ?? "");
    if (under === undefined || wish === undefined) {
      return this.#answerPress(door, press, { text: texts.dead });
    }
    const { chatId, messageId } = under;
    const refused = (error: unknown): string => this.#toldOf(error, chatId, texts);
    const menu = await this.#grant(door, { ...press, ...under }, wish, texts).catch(refused);
    // The reader's button waits for this; the menu may take its time.
    await this.#answerPress(
      door,
      press,
      typeof menu === "string"
        ? { text: menu, isAlert: true }
        : wish.kind === "set"
          ? { text: texts.saved }
          : {},
    );
    if (typeof menu === "string") return;
    await this.#options.answering.deliver(door, chatId, () =>
      door.bot.editMenu(chatId, messageId, menu),
    );
  }

  /** Once: whoever pressed waits no longer than Telegram lets them, and may press again. */
  async #answerPress(door: Door, press: IncomingPress, answer: PressAnswer): Promise<void> {
    const answered = await door.bot.answerPress(press.id, answer);
    if (answered.ok) return;
    const { error } = answered;
    const reason = "reason" in error ? error.reason : error.kind;
    const fields = { bot: door.botId, chat: press.under?.chatId, reason };
    // One that was pressed while nobody listened, or answered before a crash.
    if (error.kind === "refused") this.#options.log.debug("a pressed button was too old", fields);
    else this.#options.log.warn("cannot answer a pressed button", fields);
  }

  async #sceneOf(
    door: Door,
    from: Pick<Scene, "chatId" | "isGroup" | "topic" | "sender">,
    texts: SettingsTexts,
  ): Promise<Scene> {
    const ties = await tiesOf(this.#options.directoryNow, door.botId, from.chatId);
    return { ...from, door, texts, ties, enterprises: enterprisesOf(ties) };
  }

  async #answerMessage(
    door: Door,
    message: IncomingMessage,
    texts: SettingsTexts,
    line: string,
  ): Promise<Menu> {
    const { chatId, languageCode } = message;
    const scene = await this.#sceneOf(door, message, texts);
    const { enterprises, ties } = scene;
    if (enterprises.length === 0) {
      const doorTexts = doorTextsOf(readerLang(languageCode, this.#options.lang));
      return plain(greetingOf(ties, chatId, doorTexts));
    }
    await this.#assertMay(scene);
    const wish = parseTyped(
      line,
      enterprises.map(({ number }) => number),
    );
    if (wish.kind === "wrong" || wish.kind === "unknown") return plain(correction(wish, texts));
    return this.#carryOutTyped(scene, wish, line);
  }

  async #carryOutTyped(
    scene: Scene,
    wish: Exclude<TypedWish, { kind: "wrong" | "unknown" }>,
    line: string,
  ): Promise<Menu> {
    const { enterprises, texts } = scene;
    const enterprise = wish.enterprise ?? (enterprises.length === 1 ? enterprises[0]?.number : "");
    if (enterprise !== undefined && enterprise !== "") {
      const menu = await this.#carryOut(scene, { ...wish, enterprise });
      if (wish.kind !== "set") return menu;
      return { ...menu, pieces: [`✅ ${texts.saved}\n\n`, ...menu.pieces] };
    }
    return wish.kind === "open"
      ? this.#carryOut(scene, { kind: "choose" })
      : plain(whichOne(line, enterprises, texts));
  }

  async #grant(
    door: Door,
    from: Pick<Scene, "chatId" | "isGroup" | "topic" | "sender">,
    wish: Wish,
    texts: SettingsTexts,
  ): Promise<Menu> {
    const scene = await this.#sceneOf(door, from, texts);
    if (scene.enterprises.length === 0) throw new Refused(texts.gone);
    await this.#assertMay(scene);
    return this.#carryOut(scene, wish);
  }

  /** @throws Refused for whoever may not choose for this chat, and where Telegram does not tell. */
  async #assertMay({ door, chatId, isGroup, sender, texts }: Scene): Promise<void> {
    if (!isGroup || sender.isAsGroup) return;
    if (sender.userId === undefined) throw new Refused(texts.notAdministrator);
    const asked = await door.bot.isAdministrator(chatId, sender.userId);
    if (asked.ok) {
      if (asked.value) return;
      throw new Refused(texts.notAdministrator);
    }
    const { error } = asked;
    const reason = "reason" in error ? error.reason : error.kind;
    this.#options.log.warn("cannot see whether somebody administers a group", {
      bot: door.botId,
      chat: chatId,
      reason,
    });
    throw new Refused(error.kind === "refused" ? texts.unseen : texts.later);
  }

  async #carryOut(scene: Scene, wish: Wish): Promise<Menu> {
    const { enterprises, texts, door } = scene;
    this.#options.onUse(door);
    const [first, ...others] = enterprises;
    if (wish.kind === "choose" && others.length > 0) return enterpriseMenu(enterprises, texts);
    const enterprise =
      wish.kind === "choose" ? first : enterprises.find((one) => one.number === wish.enterprise);
    if (enterprise === undefined) throw new Refused(texts.gone);
    const place = await this.#placeOf(scene, enterprise);
    switch (wish.kind) {
      case "choose":
      case "open":
        return mainMenu(place, texts);
      case "done":
        return summary(place, texts);
      case "ask":
        return choiceMenu(place, wish.name, texts);
      case "set": {
        const preferences = await this.#set(scene, place, wish.name, wish.value);
        return choiceMenu({ ...place, preferences }, wish.name, texts);
      }
    }
  }

  async #placeOf({ chatId, topic, enterprises }: Scene, enterprise: Enterprise): Promise<Place> {
    const stated = await this.#options.directoryNow.chatPreferences(enterprise.number);
    const preferences =
      stated.find((chat) => chat.chatId === chatId)?.preferences ?? DEFAULT_PREFERENCES;
    const { lang } = this.#options;
    return { enterprise, preferences, topic, isOnly: enterprises.length === 1, lang };
  }

  /** Only the one value, on top of what is stored now: another administrator's choice of a second ago stays. */
  async #set(
    { chatId, sender, texts }: Scene,
    { enterprise, preferences }: Place,
    name: PreferenceName,
    value: string,
  ): Promise<ChatPreferences> {
    const next = withValue(preferences, name, value);
    if (preferenceText(next, name) === preferenceText(preferences, name)) return preferences;
    const { number: enterpriseNumber } = enterprise;
    const { directory, log } = this.#options;
    await directory
      .setChatPreferences({ chatId, enterpriseNumber, preferences: next })
      .catch((error: unknown) => {
        if (!hasCode(error, "misconfigured")) throw error;
        log.error("cannot keep what a chat chose", { chat: chatId, error });
        throw new Refused(texts.cannotKeep);
      });
    log.info("a chat chose in the chat what it gets", {
      enterprise: enterpriseNumber,
      chat: chatId,
      preference: name,
      value,
      by: sender.isAsGroup ? "the group" : sender.userId,
    });
    return next;
  }

  #toldOf(error: unknown, chatId: string, texts: SettingsTexts): string {
    if (error instanceof Refused) return error.told;
    // It was removed between two looks.
    if (hasCode(error, "not-found")) return texts.gone;
    this.#options.log.error("cannot show or keep what a chat chose; it is asked to try again", {
      chat: chatId,
      error,
    });
    return texts.later;
  }
}

export const createSettings = (options: SettingsOptions): Settings => new SettingsDesk(options);
