// The parts of a call's page, each its own piece of markup under an id: a sentence and the numbers, doubts, recordings, the
// drawing, who took part, what the managers got, what was asked for, every record. A page that is open while the call
// goes on gets those that changed, so each stands alone and none depends on the page around it.

import { textsOf } from "../src/texts/index.ts";
import { type CallView, nameOfNumber, rowIds } from "./call-view.ts";
import { DeliveryList } from "./delivery-list.tsx";
import { Doubts } from "./doubts.tsx";
import { People } from "./people.tsx";
import { RecordFilter, recordRow } from "./records.tsx";
import { Requests } from "./requests.tsx";
import { Sounds } from "./sounds.tsx";
import { Summary } from "./summary.tsx";
import { Timeline } from "./timeline.tsx";

export type { CallView } from "./call-view.ts";

/** A part of the page: markup that stands in the page's element of that id. */
export type Section = { readonly id: string; readonly html: string };

/** One record of the list: an `<li>` that bears the id. */
export type RecordItem = { readonly id: string; readonly html: string };

/** The parts above the list of records, in the order of the page; one with nothing to show has no markup. */
export const callSections = (view: CallView): Section[] => {
  const { assembled, zone, now } = view;
  const drawing = (
    <Timeline
      call={assembled.call}
      records={assembled.records}
      texts={textsOf(zone.lang)}
      zone={zone}
      now={now}
      nameOf={nameOfNumber(view)}
      rowId={rowIds(assembled.records)}
      isHeard={(view.sounds ?? []).some(({ startedAt }) => startedAt !== null)}
    />
  );
  return [
    { id: "summary", html: (<Summary {...view} />) as string },
    { id: "doubts", html: (<Doubts {...view} />) as string },
    // Of a service that has recordings: one may come while the page is open.
    ...(view.sounds === undefined
      ? []
      : [{ id: "recordings", html: (<Sounds {...view} />) as string }]),
    { id: "drawing", html: drawing as string },
    { id: "people", html: (<People {...view} />) as string },
    { id: "delivery", html: (<DeliveryList {...view} />) as string },
    { id: "requests", html: (<Requests {...view} />) as string },
    { id: "filter", html: (<RecordFilter {...view} />) as string },
  ];
};

/** Every record, oldest first; the same record keeps its id while the call grows at its end. */
export const recordItems = (view: CallView): RecordItem[] => {
  const { records } = view.assembled;
  const rowId = rowIds(records);
  const row = recordRow(view);
  return records.map((record) => ({ id: rowId(record), html: row(record, rowId(record)) }));
};

export const recordsTitle = ({ assembled: { records }, zone }: CallView): string =>
  textsOf(zone.lang).recordsTitle(records.length);

/** The page's last line: where the call is from, and by which ids it is known. */
export const footerText = ({ assembled: { call }, zone }: CallView): string => {
  const texts = textsOf(zone.lang);
  return `${texts.enterprise} ${call.enterprise} · ${texts.callId} ${call.uniqueIds.join(", ")} · ${texts.zone(zone.timeZone)}`;
};
