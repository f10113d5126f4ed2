// The page of one call as a document: the parts of call-parts.tsx in their order, then the list of records.

import {
  type CallView,
  callSections,
  footerText,
  recordItems,
  recordsTitle,
} from "./call-parts.tsx";
import { Layout } from "./layout.tsx";
import { textsOf } from "./texts.ts";
import { tell } from "./told.ts";

/** The page of one call, as a whole HTML document. */
export const CallPage = (view: CallView): JSX.Element => {
  const texts = textsOf(view.zone.lang);
  const { phone } = tell(view.assembled.call, texts, view.names);
  return (
    <Layout lang={view.zone.lang} title={texts.pageTitle(phone)}>
      {callSections(view).map(({ id, html }) => (
        <div id={id}>{html as "safe"}</div>
      ))}
      <section class="card">
        <h2 id="records-title" safe>
          {recordsTitle(view)}
        </h2>
        <ol class="records" id="records">
          {recordItems(view).map(({ html }) => html as "safe")}
        </ol>
      </section>
      <footer safe>{footerText(view)}</footer>
    </Layout>
  );
};
