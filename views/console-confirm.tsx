// What the console asks before a change, and what it tells once after one.

import { type ConfirmTexts, consoleTextsOf } from "../src/texts/index.ts";
import { ConsolePage, type ConsoleSession, FormToken } from "./console-frame.tsx";
import { enterpriseHref } from "./console-hrefs.ts";
import type { ConsoleAct } from "./console-view.ts";

/** Says what will be done, and does it by a button alone. */
export const ConfirmPage = (props: {
  readonly session: ConsoleSession;
  readonly number: string;
  readonly act: ConsoleAct;
  readonly texts: ConfirmTexts;
  /** Sent along with the answer. */
  readonly fields: Readonly<Record<string, string>>;
}): JSX.Element => {
  const { session, number, act, texts, fields } = props;
  const words = consoleTextsOf(session.lang).enterprise;
  return (
    <ConsolePage session={session} title={texts.title}>
      <section class="card">
        <p safe>{texts.text}</p>
        <form class="acts" method="post" action={`${enterpriseHref(number)}/${act}`}>
          <FormToken session={session} />
          {Object.entries(fields).map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <button class={`button ${act === "on" ? "primary" : "danger"}`} type="submit" safe>
            {texts.button}
          </button>
          <a class="button" href={enterpriseHref(number)} safe>
            {words.cancel}
          </a>
        </form>
      </section>
    </ConsolePage>
  );
};

/** What is told once after a change, or why there was none. */
export const ToldPage = (props: {
  readonly session: ConsoleSession;
  readonly number: string;
  readonly title: string;
  readonly text: string;
  /** A secret or a link that is shown this once. */
  readonly shownOnce?: string | undefined;
  /** What there is to say beside. */
  readonly lines?: readonly string[];
}): JSX.Element => {
  const { session, number, title, text, shownOnce, lines = [] } = props;
  const words = consoleTextsOf(session.lang).enterprise;
  return (
    <ConsolePage session={session} title={title}>
      <section class="card">
        <p safe>{text}</p>
        {lines.length === 0 ? (
          ""
        ) : (
          <ul>
            {lines.map((line) => (
              <li safe>{line}</li>
            ))}
          </ul>
        )}
        {shownOnce === undefined ? (
          ""
        ) : (
          <code class="shown-once" safe>
            {shownOnce}
          </code>
        )}
        <p class="acts">
          <a class="button" href={enterpriseHref(number)} safe>
            {words.back}
          </a>
        </p>
      </section>
    </ConsolePage>
  );
};
