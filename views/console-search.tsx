// The console's search of a number over all enterprises: a form that works by its address, a row a call.

import { consoleTextsOf, textsOf } from "../src/texts/index.ts";
import { ConsolePage, type ConsoleSession, TableHead } from "./console-frame.tsx";
import type { FoundCall } from "./console-view.ts";
import { dateAndTime, telephone, type Zone } from "./format.ts";

export type SearchView = {
  readonly session: ConsoleSession;
  readonly zone: Zone;
  /** As it was typed; empty where nothing was. */
  readonly asked: string;
  readonly isTooShort: boolean;
  /** Undefined where nothing was looked for. */
  readonly found:
    | { readonly calls: readonly FoundCall[]; readonly isComplete: boolean }
    | undefined;
};

const Row = ({ call, zone }: { readonly call: FoundCall; readonly zone: Zone }) => {
  const words = consoleTextsOf(zone.lang).search;
  const texts = textsOf(zone.lang);
  const time = dateAndTime(call.startedAt, zone);
  return (
    <tr>
      <th scope="row">
        {call.href === undefined ? (
          <span safe>{time}</span>
        ) : (
          <a href={call.href} aria-label={`${words.open}: ${time}`} safe>
            {time}
          </a>
        )}
      </th>
      <td data-name={words.enterprise} safe>
        {call.enterpriseName ?? call.enterprise}
      </td>
      <td data-name={words.phone} safe>
        {call.phone === null ? words.hidden : telephone(call.phone)}
      </td>
      <td data-name={words.staff} safe>
        {call.staff.join(", ")}
      </td>
      <td data-name={words.result} safe>
        {`${texts.direction[call.direction]}: ${texts.status(call.status, call.direction).toLowerCase()}`}
      </td>
    </tr>
  );
};

const Found = ({ view }: { readonly view: SearchView }) => {
  const { found, zone } = view;
  if (found === undefined) return "";
  const words = consoleTextsOf(zone.lang).search;
  const heads = [words.time, words.enterprise, words.phone, words.staff, words.result];
  return (
    <section class="card" aria-labelledby="found">
      <h2 id="found" safe>
        {found.calls.length === 0 ? words.none : words.found(found.calls.length)}
      </h2>
      {found.calls.length === 0 ? (
        ""
      ) : (
        <table class="table">
          <TableHead heads={heads} />
          <tbody>
            {found.calls.map((call) => (
              <Row call={call} zone={zone} />
            ))}
          </tbody>
        </table>
      )}
      {found.isComplete ? (
        ""
      ) : (
        <p class="hint" safe>
          {words.more}
        </p>
      )}
    </section>
  );
};

/** The search as a document. */
export const ConsoleSearchPage = (props: {
  readonly view: SearchView;
  /** Digits that are needed. */
  readonly minDigits: number;
}): JSX.Element => {
  const { view, minDigits } = props;
  const { session, asked, isTooShort, zone } = view;
  const words = consoleTextsOf(zone.lang).search;
  return (
    <ConsolePage session={session} title={words.title} place="search">
      <search class="card">
        <form method="get" action="/console/search">
          <div class="fields">
            <label>
              <span safe>{words.field}</span>
              <input
                type="text"
                name="number"
                inputmode="tel"
                autocomplete="off"
                maxlength="64"
                value={asked}
                aria-describedby="search-hint"
                aria-invalid={isTooShort ? "true" : undefined}
              />
            </label>
          </div>
          <p id="search-hint" class={isTooShort ? "wrong" : "hint"} safe>
            {isTooShort ? words.tooShort(minDigits) : words.hint}
          </p>
          <p class="acts">
            <button class="button primary" type="submit" safe>
              {words.button}
            </button>
          </p>
        </form>
      </search>
      <Found view={view} />
    </ConsolePage>
  );
};
