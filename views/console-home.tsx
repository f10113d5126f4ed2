// The console's first page: a row an enterprise, those that need a look on top.

import { type ConsoleTexts, consoleTextsOf } from "../src/texts/index.ts";
import { ConsolePage, type ConsoleSession, TableHead } from "./console-frame.tsx";
import { enterpriseHref } from "./console-hrefs.ts";
import type { ConsoleRow } from "./console-view.ts";
import { dateAndTime, dayInWords, type Zone } from "./format.ts";

export type ConsoleHome = {
  readonly session: ConsoleSession;
  readonly zone: Zone;
  /** Today, `2026-11-22`. */
  readonly today: string;
  /** In the order in which they are shown. */
  readonly rows: readonly ConsoleRow[];
};

const State = ({ row, words }: { readonly row: ConsoleRow; readonly words: ConsoleTexts }) => {
  if (!row.active)
    return (
      <span class="badge plain" safe>
        {words.off}
      </span>
    );
  if (row.problems.length === 0)
    return (
      <span class="badge good" safe>
        {words.fine}
      </span>
    );
  return (
    <>
      {row.problems.map((problem) =>
        problem === "refused" ? (
          <a class="badge bad" href={`${enterpriseHref(row.number)}/faults`} safe>
            {words.problem[problem]}
          </a>
        ) : (
          <span class={`badge ${problem === "unread" ? "bad" : "warn"}`} safe>
            {words.problem[problem]}
          </span>
        ),
      )}
    </>
  );
};

const figure = (count: number | undefined, words: ConsoleTexts): string =>
  count === undefined ? words.unknown : `${count}`;

const Row = (props: {
  readonly row: ConsoleRow;
  readonly zone: Zone;
  readonly words: ConsoleTexts;
}) => {
  const { row, zone, words } = props;
  const { columns } = words;
  const name = row.name ?? row.number;
  return (
    <tr class={row.active ? "" : "off"}>
      <th scope="row">
        <a href={enterpriseHref(row.number)} safe>
          {name}
        </a>
        {row.name === null ? "" : <small safe>{row.number}</small>}
      </th>
      <td class="marks" data-name={columns.look}>
        <State row={row} words={words} />
      </td>
      <td class="figure" data-name={columns.calls} safe>
        {figure(row.calls, words)}
      </td>
      <td class="figure" data-name={columns.missed} safe>
        {figure(row.missed, words)}
      </td>
      <td class={(row.open ?? 0) > 0 ? "figure owed" : "figure"} data-name={columns.open} safe>
        {figure(row.open, words)}
      </td>
      <td data-name={columns.last} safe>
        {row.lastCallAt === undefined ? words.noCalls : dateAndTime(row.lastCallAt, zone)}
      </td>
      <td data-name={columns.bot} safe>
        {row.hasBot ? words.hasBot : words.noBot}
      </td>
      <td class="figure" data-name={columns.people} safe>
        {`${row.people}`}
      </td>
      <td class="wide">
        {row.listHref === undefined ? (
          ""
        ) : (
          <a class="button" href={row.listHref} aria-label={words.listOf(name)} safe>
            {words.list}
          </a>
        )}
      </td>
    </tr>
  );
};

const Table = ({ view, words }: { readonly view: ConsoleHome; readonly words: ConsoleTexts }) => {
  const { columns } = words;
  const heads = [
    columns.enterprise,
    columns.look,
    columns.calls,
    columns.missed,
    columns.open,
    columns.last,
    columns.bot,
    columns.people,
    words.list,
  ];
  return (
    <table class="table">
      <TableHead heads={heads} />
      <tbody>
        {view.rows.map((row) => (
          <Row row={row} zone={view.zone} words={words} />
        ))}
      </tbody>
    </table>
  );
};

/** The console's first page as a document. */
export const ConsoleHomePage = ({ view }: { readonly view: ConsoleHome }): JSX.Element => {
  const { session, zone, rows, today } = view;
  const words = consoleTextsOf(zone.lang);
  const needing = rows.filter(({ problems }) => problems.length > 0).length;
  const isCounting = rows.some(
    ({ isComplete, problems }) => !isComplete && !problems.includes("unread"),
  );
  return (
    <ConsolePage session={session} title={words.title} place="enterprises">
      <section class="card" aria-labelledby="enterprises">
        <h2 id="enterprises" safe>
          {words.enterprises(dayInWords(today, zone.lang))}
        </h2>
        {rows.length === 0 ? (
          <p safe>{words.none}</p>
        ) : (
          <>
            <p class={needing > 0 ? "warn-text" : "good-text"} safe>
              {needing > 0 ? words.needLook(needing) : words.allWell}
            </p>
            <Table view={view} words={words} />
          </>
        )}
        {isCounting ? (
          <p class="hint" safe>
            {words.counting}
          </p>
        ) : (
          ""
        )}
      </section>
    </ConsolePage>
  );
};
