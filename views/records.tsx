// The list of records: one row each, its line folded behind it, and the chips that narrow the list. The chips are radio
// buttons and the style sheet does the rest, so they work without JavaScript; a row that something links to is shown
// whatever is chosen.

import { happenedAt } from "../src/domain/event-time.ts";
import { maskedRaw } from "../src/domain/masked.ts";
import { isFailedRequest, type StoredRecord } from "../src/domain/record.ts";
import { textsOf } from "../src/texts/index.ts";
import { beginningOf, type CallView } from "./call-view.ts";
import { offset, timeOfDay } from "./format.ts";
import { wordsOf } from "./record-words.ts";

const TAGS: { readonly [kind in Exclude<StoredRecord["kind"], "AST">]: string } = {
  TG: "Telegram",
  HTTP: "HTTP",
  SQL: "SQL",
};

/** Makes the row of one record of this call. */
export const recordRow = (view: CallView): ((record: StoredRecord, id: string) => string) => {
  const { zone } = view;
  const from = beginningOf(view);
  const texts = textsOf(zone.lang);
  return (record, id) => {
    const at = happenedAt(record);
    const isFailed =
      (record.kind === "TG" && record.action === "fail") ||
      (record.kind === "HTTP" && isFailedRequest(record));
    return (
      <li id={id} class={`${record.kind.toLowerCase()}${isFailed ? " failed" : ""}`}>
        <details>
          <summary>
            <span class="when">
              <time datetime={new Date(at).toISOString()} safe>
                {timeOfDay(at, zone)}
              </time>
              <span class="offset" safe>
                {offset(at - from, zone)}
              </span>
              <span class="tag" safe>
                {record.kind === "AST" ? record.event : TAGS[record.kind]}
              </span>
            </span>
            <span class="words" safe>
              {wordsOf(record, texts, zone)}
            </span>
          </summary>
          <pre safe>{maskedRaw(record)}</pre>
        </details>
      </li>
    ) as string;
  };
};

/** Chips with the number of their records; nothing where all are of one kind. */
export const RecordFilter = ({ assembled: { records }, zone }: CallView): JSX.Element => {
  const { show } = textsOf(zone.lang);
  const count = (kind: StoredRecord["kind"]): number =>
    records.filter((record) => record.kind === kind).length;
  const kinds = [
    { id: "show-ast", name: show.events, count: count("AST") },
    { id: "show-tg", name: show.telegram, count: count("TG") },
    { id: "show-http", name: show.requests, count: count("HTTP") },
  ].filter((kind) => kind.count > 0);
  if (kinds.length < 2) return "" as JSX.Element;
  const chips = [{ id: "show-all", name: show.all, count: records.length }, ...kinds];
  return (
    <fieldset class="chips">
      <legend class="unseen" safe>
        {show.title}
      </legend>
      {chips.map(({ id, name, count: number }) => (
        <label>
          <input type="radio" name="show" id={id} checked={id === "show-all"} />
          <span>
            <span safe>{name}</span> <span class="count-of">{number}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
};
