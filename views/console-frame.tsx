// The frame of the console's pages: the title, where one can go, whose session it is, and the way out. Every form carries the
// session's token, without which nothing is changed.

import type { Children } from "@kitajs/html";
import type { ConsoleRefusal } from "../src/domain/console.ts";
import type { Lang } from "../src/domain/lang.ts";
import { consoleTextsOf } from "../src/texts/index.ts";
import { Layout } from "./layout.tsx";

/** What every page of a session needs. */
export type ConsoleSession = {
  readonly lang: Lang;
  /** The user of the machine who made the link. */
  readonly by: string;
  /** What a form must carry. */
  readonly formToken: string;
};

/** The pages that are reached from every page. */
export type ConsolePlace = "enterprises" | "search" | "health";

const PLACES: readonly (readonly [place: ConsolePlace, href: string])[] = [
  ["enterprises", "/console"],
  ["search", "/console/search"],
  ["health", "/console/health"],
];

/** The hidden field of every form. */
export const FormToken = ({ session }: { readonly session: ConsoleSession }) => (
  <input type="hidden" name="form_token" value={session.formToken} />
);

/** The head of a table. */
export const TableHead = ({ heads }: { readonly heads: readonly string[] }) => (
  <thead>
    <tr>
      {heads.map((head) => (
        <th scope="col" safe>
          {head}
        </th>
      ))}
    </tr>
  </thead>
);

/** A page of a session. */
export const ConsolePage = (props: {
  readonly session: ConsoleSession;
  readonly title: string;
  /** Where it is among the places of the head; undefined: at none of them. */
  readonly place?: ConsolePlace | undefined;
  readonly children: Children;
}): JSX.Element => {
  const { session, title, place } = props;
  const words = consoleTextsOf(session.lang);
  return (
    <Layout lang={session.lang} title={title} isConsole>
      <div class="console-head">
        <h1 safe>{title}</h1>
        <div class="session">
          <span safe>{words.signedIn(session.by)}</span>
          <form method="post" action="/console/end">
            <FormToken session={session} />
            <button class="button" type="submit" safe>
              {words.logOut}
            </button>
          </form>
        </div>
      </div>
      <nav class="console-nav" aria-label={words.nav.label}>
        <ul>
          {PLACES.map(([name, href]) => (
            <li>
              <a class="button" href={href} aria-current={name === place ? "page" : undefined} safe>
                {words.nav[name]}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {props.children as "safe"}
    </Layout>
  );
};

/** What a link leads to: looking at it does not use it, pressing the button does. */
export const BeginPage = (props: {
  readonly lang: Lang;
  readonly by: string;
  readonly code: string;
  readonly hours: number;
}): JSX.Element => {
  const { begin } = consoleTextsOf(props.lang);
  return (
    <Layout lang={props.lang} title={begin.title} isConsole>
      <section class="card">
        <h1 safe>{begin.title}</h1>
        <p safe>{begin.text(props.by, props.hours)}</p>
        <form method="post" action="/console/begin">
          <input type="hidden" name="code" value={props.code} />
          <button class="button primary" type="submit" safe>
            {begin.button}
          </button>
        </form>
      </section>
    </Layout>
  );
};

/** Why there is no page, and what to do. */
export const RefusalPage = (props: {
  readonly lang: Lang;
  readonly refusal: ConsoleRefusal;
}): JSX.Element => {
  const { title, text } = consoleTextsOf(props.lang).refusal[props.refusal];
  return (
    <Layout lang={props.lang} title={title} isConsole>
      <section class="card">
        <h1 safe>{title}</h1>
        <p safe>{text}</p>
      </section>
    </Layout>
  );
};
