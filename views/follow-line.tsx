// Under the sentence of a call's page: what became of a missed call, or that this call settled one, with the way to the
// other call. Nothing of it moves with the clock.

import { isOwed } from "../src/call/index.ts";
import { isWithheld } from "../src/domain/phone.ts";
import { type FollowTexts, followTextsOf } from "../src/texts/index.ts";
import { type CallView, nameOfNumber } from "./call-view.ts";
import { followFacts, repeatsInWords } from "./follow-facts.ts";

type Told = { readonly text: string; readonly tone: "bad" | "good" | "dim" };

const toldOf = (view: CallView, words: FollowTexts): Told | undefined => {
  const { assembled, story, zone } = view;
  const { call } = assembled;
  if (story === undefined) return undefined;
  const { followUp, returns } = story;
  if (followUp !== null) {
    const said = words.long(followFacts(followUp, zone, nameOfNumber(view)));
    const again = repeatsInWords(followUp, call.startedAt ?? followUp.firstMissedAt, words);
    const text = again === "" ? said : `${said} · ${again}`;
    return { text, tone: followUp.call === null ? "bad" : "good" };
  }
  if (returns !== null) return { text: words.returns, tone: "good" };
  if (!isOwed(call)) return undefined;
  if (call.phone === null || isWithheld(call.phone)) return { text: words.hidden, tone: "dim" };
  return story.isTooShort ? { text: words.tooShort, tone: "dim" } : undefined;
};

/** A line, or nothing. */
export const FollowLine = (view: CallView): JSX.Element => {
  const words = followTextsOf(view.zone.lang);
  const told = toldOf(view, words);
  const isLost = view.assembled.call.isLost;
  if (told === undefined && !isLost) return "";
  const href = view.story?.otherHref;
  return (
    <p class={`follow-line told-${told?.tone ?? "bad"}`}>
      {isLost ? <span safe>{told === undefined ? words.lost : `${words.lost}. `}</span> : ""}
      {told === undefined ? "" : <span safe>{told.text}</span>}
      {href === undefined ? (
        ""
      ) : (
        <>
          {" "}
          <a href={href} safe>
            {words.open}
          </a>
        </>
      )}
    </p>
  );
};
