// What the reader should know before believing the rest, in plain words.

import { textsOf } from "../src/texts/index.ts";
import type { CallView } from "./call-view.ts";

/** Nothing where there is no doubt. */
export const Doubts = ({ assembled: { doubts }, zone }: CallView): JSX.Element => {
  const texts = textsOf(zone.lang);
  if (doubts.length === 0) return "" as JSX.Element;
  return (
    <section class="card doubts" aria-labelledby="doubts-title">
      <h2 id="doubts-title" safe>
        {texts.doubtsTitle}
      </h2>
      <ul>
        {doubts.map((doubt) => (
          <li safe>{texts.doubt[doubt.code](doubt.count ?? 0)}</li>
        ))}
      </ul>
    </section>
  );
};
