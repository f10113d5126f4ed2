// What each manager was told in Telegram, when, how soon, and whether it arrived. Whoever the directory does not know is
// shown by the id of the chat.

import {
  type Delivery,
  type DeliveryState,
  type DeliveryStep,
  deliveriesOf,
} from "../src/call/index.ts";
import type { TelegramUser } from "../src/domain/enterprise.ts";
import { maskedText } from "../src/domain/masked.ts";
import { type Texts, textsOf } from "../src/texts/index.ts";
import { type CallView, isOver, rowIds } from "./call-view.ts";
import { delay, secondOfDay, type Zone } from "./format.ts";

const TONE: { readonly [state in DeliveryState]: string } = {
  final: "good",
  current: "live",
  outdated: "warn",
  failed: "bad",
  removed: "warn",
};

const nameOf = (user: TelegramUser | undefined): string =>
  [user?.firstName, user?.lastName].filter((part) => (part ?? "") !== "").join(" ");

const Step = (props: {
  readonly step: DeliveryStep;
  readonly href: string;
  readonly texts: Texts;
  readonly zone: Zone;
}) => {
  const { step, href, texts, zone } = props;
  const { action, messageType, text, at } = step.record;
  return (
    <li class={action === "fail" ? "failed" : ""}>
      <a class="clock" href={`#${href}`} safe>
        {secondOfDay(at, zone)}
      </a>
      <span>
        <span safe>{texts.delivery.action(action, messageType)}</span>{" "}
        {step.afterMs === undefined ? (
          ""
        ) : (
          <span class="after" safe>
            {texts.delivery.after(delay(step.afterMs, zone))}
          </span>
        )}
        {action === "fail" ? (
          <span class="reason" safe>
            {maskedText(text)}
          </span>
        ) : (
          ""
        )}
      </span>
    </li>
  );
};

const Chat = (props: {
  readonly delivery: Delivery;
  readonly user: TelegramUser | undefined;
  readonly rowId: ReturnType<typeof rowIds>;
  readonly texts: Texts;
  readonly zone: Zone;
}) => {
  const { delivery, user, rowId, texts, zone } = props;
  const chat = texts.delivery.chat(delivery.chatId);
  const name = nameOf(user);
  const known = name === "" ? (user?.email ?? "") : name;
  const aside = [
    known === "" || known === user?.email ? "" : (user?.email ?? ""),
    known === "" ? "" : chat,
  ].filter((part) => part !== "");
  return (
    <li>
      <h3>
        <span safe>{known === "" ? chat : known}</span>
        {aside.length === 0 ? "" : <small safe>{aside.join(" · ")}</small>}
      </h3>
      <p class={`outcome ${TONE[delivery.state]}-text`} safe>
        {texts.delivery.state[delivery.state]}
      </p>
      {delivery.shown === "" ? "" : <blockquote safe>{maskedText(delivery.shown)}</blockquote>}
      <ul class="steps">
        {delivery.steps.map((step) => (
          <Step step={step} href={rowId(step.record)} texts={texts} zone={zone} />
        ))}
      </ul>
    </li>
  );
};

/** Nothing where Telegram was never spoken to. */
export const DeliveryList = (view: CallView): JSX.Element => {
  const { records } = view.assembled;
  const texts = textsOf(view.zone.lang);
  const deliveries = deliveriesOf(records, isOver(view));
  if (deliveries.length === 0) return "" as JSX.Element;
  const users = new Map(view.recipients.map((user) => [user.chatId, user]));
  return (
    <section class="card delivery" aria-labelledby="delivery-title">
      <h2 id="delivery-title" safe>
        {texts.delivery.title}
      </h2>
      <ul class="chats">
        {deliveries.map((delivery) => (
          <Chat
            delivery={delivery}
            user={users.get(delivery.chatId)}
            rowId={rowIds(records)}
            texts={texts}
            zone={view.zone}
          />
        ))}
      </ul>
      <p class="hint" safe>
        {texts.delivery.hint}
      </p>
    </section>
  );
};
