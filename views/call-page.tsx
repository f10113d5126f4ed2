// The page of one call as a document: the parts of call-parts.tsx in their order, then the list of records. The same
// parts are what an open page is told while the call goes on.

import type { Lang } from "../src/domain/lang.ts";
import { liveTextsOf, textsOf } from "../src/texts/index.ts";
import {
  type CallView,
  callSections,
  footerText,
  type RecordItem,
  recordItems,
  recordsTitle,
  type Section,
} from "./call-parts.tsx";
import { Layout } from "./layout.tsx";
import { tell } from "./sentence-facts.ts";

export type CallPageParts = {
  readonly lang: Lang;
  readonly title: string;
  /** The call's status in words, for whoever listens to the page. */
  readonly status: string;
  readonly sections: readonly Section[];
  readonly recordsTitle: string;
  readonly records: readonly RecordItem[];
  readonly footer: string;
};

/** Everything on a call's page that depends on the call. */
export const callPageParts = (view: CallView): CallPageParts => {
  const { call } = view.assembled;
  const texts = textsOf(view.zone.lang);
  return {
    lang: view.zone.lang,
    title: texts.pageTitle(tell(call, texts, view.zone, view.names).phone),
    status: texts.status(call.status, call.direction),
    sections: callSections(view),
    recordsTitle: recordsTitle(view),
    records: recordItems(view),
    footer: footerText(view),
  };
};

/** What an open page says of its connection, and where it says aloud what became of the call. */
const LiveSigns = ({ lang }: { readonly lang: Lang }): JSX.Element => {
  const { on, lost, off } = liveTextsOf(lang);
  return (
    <>
      <p id="live-sign" data-on={on} data-lost={lost} data-off={off}></p>
      <p id="live-news" class="unseen" aria-live="polite"></p>
    </>
  );
};

/** The page of one call, as a whole HTML document. */
export const CallPage = (props: {
  readonly parts: CallPageParts;
  /** See Layout. */
  readonly live?: string | undefined;
}): JSX.Element => {
  const { parts, live } = props;
  const sounds = parts.sections.find(({ id }) => id === "recordings");
  const mayPlay = sounds !== undefined && (sounds.html !== "" || live !== undefined);
  return (
    <Layout lang={parts.lang} title={parts.title} live={live} mayPlay={mayPlay}>
      {live === undefined ? "" : <LiveSigns lang={parts.lang} />}
      {parts.sections.map(({ id, html }) => (
        <div id={id}>{html as "safe"}</div>
      ))}
      <section class="card">
        <h2 id="records-title" safe>
          {parts.recordsTitle}
        </h2>
        <ol class="records" id="records">
          {parts.records.map(({ html }) => html as "safe")}
        </ol>
      </section>
      <footer id="footer" safe>
        {parts.footer}
      </footer>
    </Layout>
  );
};
