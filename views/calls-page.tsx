// The list of an enterprise's calls as a document: the day's sums drawn on top, the filters as a form that works without
// JavaScript, a row a call. Shows what comes in and asks for nothing; names and numbers from outside are text.

import type { CallFilter } from "../src/call/index.ts";
import { addDays } from "../src/domain/zone-day.ts";
import { followTextsOf, type ListTexts, listTextsOf, textsOf } from "../src/texts/index.ts";
import { Filters } from "./calls-filters.tsx";
import { CallsTable } from "./calls-table.tsx";
import type { CallsView } from "./calls-view.ts";
import { DayChart } from "./day-chart.tsx";
import { clockDuration, dayInWords } from "./format.ts";
import { Layout } from "./layout.tsx";

const Sum = (props: {
  readonly name: string;
  readonly value: string;
  readonly tone?: string;
  /** The list of what was counted. */
  readonly href?: string | undefined;
}) => (
  <div class={props.tone ?? ""}>
    <dt safe>{props.name}</dt>
    {props.href === undefined ? (
      <dd safe>{props.value}</dd>
    ) : (
      <dd>
        <a href={props.href} aria-label={`${props.name}: ${props.value}`} safe>
          {props.value}
        </a>
      </dd>
    )}
  </div>
);

const DaySums = ({ view, words }: { readonly view: CallsView; readonly words: ListTexts }) => {
  if (view.summary === undefined) return "";
  const { day, sums } = view.summary;
  const { zone, links, today } = view;
  const filter = view.wrong.length === 0 ? (view.filter as CallFilter) : {};
  const { direction: _, ...others } = filter;
  const texts = textsOf(zone.lang);
  const said = dayInWords(day, zone.lang);
  const isToday = day === today;
  const nearby = isToday ? words.today : day === addDays(today, -1) ? words.yesterday : "";
  return (
    <section class="card">
      <nav class="day-nav" aria-labelledby="day-title">
        {view.isDayFixed ? (
          <span aria-hidden="true"> </span>
        ) : (
          <a
            href={links.to({ ...filter, day: addDays(day, -1) })}
            rel="prev"
            aria-label={words.dayBefore}
          >
            ←
          </a>
        )}
        <h2 id="day-title">
          <span safe>{said}</span>
          {nearby === "" ? "" : <small safe>{nearby}</small>}
        </h2>
        {day >= today || view.isDayFixed ? (
          <span aria-hidden="true"> </span>
        ) : (
          <a
            href={links.to({ ...filter, day: addDays(day, 1) })}
            rel="next"
            aria-label={words.dayAfter}
          >
            →
          </a>
        )}
      </nav>
      <dl class="facts sums">
        <Sum name={words.sums.calls} value={`${sums.calls}`} />
        <Sum name={words.sums.incoming} value={`${sums.incoming}`} />
        <Sum name={words.sums.outgoing} value={`${sums.outgoing}`} />
        {sums.internal > 0 ? <Sum name={words.sums.internal} value={`${sums.internal}`} /> : ""}
        <Sum name={words.sums.answered} value={`${sums.answered}`} tone="good-sum" />
        <Sum
          name={words.sums.missed}
          value={`${sums.missed}`}
          tone={sums.missed > 0 ? "bad-sum" : ""}
          href={sums.missed === 0 ? undefined : links.to({ ...others, day, result: "missed" })}
        />
        <Sum
          name={words.sums.meanWait}
          value={sums.meanWaitMs === null ? "–" : texts.seconds(sums.meanWaitMs)}
        />
        <Sum name={words.sums.talk} value={clockDuration(sums.talkMs)} />
      </dl>
      <DayChart hours={sums.hours} day={said} zone={zone} texts={words} />
    </section>
  );
};

/** How many callers wait, and the list of them: what a manager looks for first. */
const OpenMissed = ({ view: { openMissed = 0, links, zone } }: { readonly view: CallsView }) =>
  openMissed === 0 ? (
    ""
  ) : (
    <a class="open-missed" href={links.to({ follow: "open" })}>
      <span safe>{followTextsOf(zone.lang).openMissed}</span> <b safe>{`${openMissed}`}</b>
    </a>
  );

const listTitle = ({ filter, zone, wrong }: CallsView, words: ListTexts): string => {
  const { day = "", ...others } = filter;
  if (Object.values(others).some((value) => value !== "")) return words.found;
  if (day === "" || wrong.includes("day")) return words.recent;
  return words.callsOf(dayInWords(day, zone.lang));
};

/** What is said where there are no rows. */
const noneText = ({ list, links, filter }: CallsView, words: ListTexts): string => {
  if (list?.isComplete === true && links.older !== undefined) return words.noneSoFar;
  const isFiltered = Object.values(filter).some((value) => value !== "");
  return isFiltered || list?.isFirst === false ? words.none : words.noneYet;
};

const List = ({ view, words }: { readonly view: CallsView; readonly words: ListTexts }) => {
  const { list, links, filter, names, zone } = view;
  if (list === undefined) return "";
  const texts = textsOf(zone.lang);
  return (
    <section class="card" aria-labelledby="list-title">
      <div class="list-head">
        <h2 id="list-title" safe>
          {listTitle(view, words)}
        </h2>
        {list.rows.length === 0 ? (
          ""
        ) : (
          <span class="hint get-csv">
            <a href={links.workbook} safe>
              {words.download}
            </a>
            {" · "}
            <a href={links.csv} safe>
              {words.downloadCsv}
            </a>{" "}
            <span safe>{words.downloadHint}</span>
          </span>
        )}
      </div>
      {list.isComplete ? (
        ""
      ) : (
        <p class="hint" role="status">
          <span safe>{words.incomplete}</span>{" "}
          <a href={links.to(filter as CallFilter)} safe>
            {words.reload}
          </a>
        </p>
      )}
      {list.rows.length === 0 ? (
        <p safe>{noneText(view, words)}</p>
      ) : (
        <CallsTable rows={list.rows} names={names} zone={zone} />
      )}
      {names.complete ? (
        ""
      ) : (
        <p class="hint" safe>
          {texts.namesMissing}
        </p>
      )}
      <nav class="list-foot" aria-labelledby="list-title">
        {links.older === undefined ? (
          ""
        ) : (
          <a class="button" rel="next" href={links.older} safe>
            {words.older}
          </a>
        )}
        {list.isFirst ? (
          ""
        ) : (
          <a class="button" href={links.to(filter as CallFilter)} safe>
            {words.newest}
          </a>
        )}
      </nav>
    </section>
  );
};

/** The list of an enterprise's calls, as a whole HTML document. */
export const CallsPage = (view: CallsView): JSX.Element => {
  const { enterprise, zone } = view;
  const words = listTextsOf(zone.lang);
  const texts = textsOf(zone.lang);
  const name = enterprise.name === "" ? enterprise.number : enterprise.name;
  return (
    <Layout lang={zone.lang} title={words.title(name)}>
      <div class="list-head">
        <h1 safe>{words.title(name)}</h1>
        <OpenMissed view={view} />
      </div>
      <DaySums view={view} words={words} />
      <Filters view={view} words={words} />
      <List view={view} words={words} />
      <footer
        safe
      >{`${texts.enterprise} ${enterprise.number} · ${texts.zone(zone.timeZone)}`}</footer>
    </Layout>
  );
};
