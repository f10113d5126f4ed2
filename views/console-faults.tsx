// What was refused of an enterprise's events, and what came broken.

import { consoleTextsOf } from "../src/texts/index.ts";
import { ConsolePage, type ConsoleSession, TableHead } from "./console-frame.tsx";
import { enterpriseHref } from "./console-hrefs.ts";
import type { Refused, SalvagedEvent } from "./console-view.ts";
import { dateAndTime, type Zone } from "./format.ts";

/** Refusals as a table, a row a kind. */
export const RefusalTable = ({
  refusals,
  zone,
}: {
  readonly refusals: readonly Refused[];
  readonly zone: Zone;
}): JSX.Element => {
  const { columns, reason, others } = consoleTextsOf(zone.lang).faults;
  const heads = [columns.reason, columns.event, columns.from, columns.count, columns.last];
  return (
    <table class="table">
      <TableHead heads={heads} />
      <tbody>
        {refusals.map(({ code, event, from, count, lastAt }) => (
          <tr>
            <th scope="row" safe>
              {reason[code] ?? code}
            </th>
            <td data-name={columns.event} safe>
              {event === "*" ? "–" : event}
            </td>
            <td data-name={columns.from} safe>
              {from === "*" ? others : from}
            </td>
            <td class="figure" data-name={columns.count} safe>
              {`${count}`}
            </td>
            <td data-name={columns.last} safe>
              {dateAndTime(lastAt, zone)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const SalvagedTable = ({
  events,
  zone,
}: {
  readonly events: readonly SalvagedEvent[];
  readonly zone: Zone;
}) => {
  const words = consoleTextsOf(zone.lang).faults;
  return (
    <table class="table">
      <TableHead heads={[words.time, words.event, words.received]} />
      <tbody>
        {events.map(({ at, event, received, href, uniqueId }) => (
          <tr>
            <th scope="row">
              {href === undefined ? (
                <span safe>{dateAndTime(at, zone)}</span>
              ) : (
                <a href={href} aria-label={`${words.call}: ${uniqueId}`} safe>
                  {dateAndTime(at, zone)}
                </a>
              )}
            </th>
            <td data-name={words.event} safe>
              {event}
            </td>
            <td class="wide received">
              <code safe>{received}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

export type FaultsView = {
  readonly session: ConsoleSession;
  readonly zone: Zone;
  readonly number: string;
  /** The enterprise's name, or its number. */
  readonly title: string;
  /** How far back is looked. */
  readonly days: number;
  readonly refusals: readonly Refused[];
  readonly salvaged: readonly SalvagedEvent[];
  readonly isComplete: boolean;
};

/** An enterprise's refused and broken events as a document. */
export const ConsoleFaultsPage = ({ view }: { readonly view: FaultsView }): JSX.Element => {
  const { session, zone, number, title, days, refusals, salvaged, isComplete } = view;
  const { faults: words, enterprise } = consoleTextsOf(zone.lang);
  return (
    <ConsolePage session={session} title={words.title(title)}>
      <section class="card" aria-labelledby="refusals">
        <h2 id="refusals" safe>
          {words.refusals}
        </h2>
        <p safe>{refusals.length === 0 ? words.noRefusals : words.refusalsText(days)}</p>
        {refusals.length === 0 ? "" : <RefusalTable refusals={refusals} zone={zone} />}
      </section>
      <section class="card" aria-labelledby="salvaged">
        <h2 id="salvaged" safe>
          {words.salvaged}
        </h2>
        <p safe>{salvaged.length === 0 ? words.noSalvaged : words.salvagedText(days)}</p>
        {salvaged.length === 0 ? "" : <SalvagedTable events={salvaged} zone={zone} />}
        {isComplete ? (
          ""
        ) : (
          <p class="hint" safe>
            {words.more}
          </p>
        )}
        <p class="acts">
          <a class="button" href={enterpriseHref(number)} safe>
            {enterprise.back}
          </a>
        </p>
      </section>
    </ConsolePage>
  );
};
