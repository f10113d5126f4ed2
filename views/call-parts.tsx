// The parts of a call's page, each its own piece of markup under an id: a sentence and the numbers, doubts, the drawing,
// who took part, every record. A page that is open while the call goes on gets those that changed.

import type { AssembledCall, Call, Participant, Span } from "../src/call/index.ts";
import type { TelegramUser } from "../src/domain/enterprise.ts";
import { bodyExtensions, bodyText } from "../src/domain/event.ts";
import { happenedAt } from "../src/domain/event-time.ts";
import { maskedRaw } from "../src/domain/masked.ts";
import type { CallNames } from "../src/domain/names.ts";
import { isWithheld } from "../src/domain/phone.ts";
import type { StoredRecord } from "../src/domain/record.ts";
import {
  clockDuration,
  dateAndTime,
  offset,
  telephone,
  telephoneHref,
  timeOfDay,
  type Zone,
} from "./format.ts";
import { type Texts, textsOf } from "./texts.ts";
import { Timeline } from "./timeline.tsx";
import { tell } from "./told.ts";
import { TONE } from "./tone.ts";

const Fact = (props: {
  readonly name: string;
  readonly value: string;
  readonly small?: boolean;
}) => (
  <div class={props.small === true ? "small" : ""}>
    <dt safe>{props.name}</dt>
    <dd safe>{props.value}</dd>
  </div>
);

const PhoneNumber = (props: { readonly number: string | null; readonly hidden: string }) => {
  const href = props.number === null ? undefined : telephoneHref(props.number);
  const shown =
    props.number === null || isWithheld(props.number) ? props.hidden : telephone(props.number);
  return href === undefined ? (
    <b safe>{shown}</b>
  ) : (
    <a href={href}>
      <b safe>{shown}</b>
    </a>
  );
};

const spent = (spans: readonly Span[], now: number): number =>
  spans.reduce((sum, span) => sum + Math.max(0, (span.to ?? now) - span.from), 0);

const Person = (props: {
  readonly person: Participant;
  /** Empty where it is not known. */
  readonly name: string;
  readonly texts: Texts;
  readonly now: number;
}) => {
  const { person, name, texts, now } = props;
  const facts = [
    texts.role[person.role],
    person.ringing.length > 0 ? `${texts.rang} ${texts.seconds(spent(person.ringing, now))}` : "",
    person.talking.length > 0
      ? `${texts.talked} ${clockDuration(spent(person.talking, now))}`
      : texts.notTalked,
  ];
  return (
    <li>
      <PhoneNumber number={person.number} hidden={texts.hidden} />
      {name === "" ? "" : <b safe>{name}</b>}
      <span safe>{facts.filter((fact) => fact !== "").join(" · ")}</span>
    </li>
  );
};

/** What a record means, in words; names in it come from outside and are escaped where they are shown. */
const recordWords = (record: StoredRecord, texts: Texts): string => {
  const words = texts.recordWords;
  if (record.kind === "TG") return `${words[record.action](record.chatId)} ${record.text}`;
  if (record.kind === "HTTP")
    return `${words.request(String(record.status))} ${record.method} ${record.url}`;
  if (record.kind === "SQL") return words.sql;
  const { body } = record;
  const who = bodyText(body, "Channel") || bodyText(body, "CallerIDNum") || record.uniqueId;
  switch (record.event) {
    case "start": {
      const name = bodyText(body, "CallerIDName");
      const phone = telephone(bodyText(body, "Phone") || texts.hidden);
      return words.start(name === "" ? phone : `${phone} ${name}`);
    }
    case "dial":
      return words.dial(bodyExtensions(body).map(telephone).join(", "));
    case "bridge":
      return words.bridge(who);
    case "bridge_leave":
      return words.bridge_leave(who);
    case "bridge_create":
      return words.bridge_create;
    case "bridge_destroy":
      return words.bridge_destroy;
    case "hangup":
      return words.hangup(bodyText(body, "Cause") || bodyText(body, "HangupCause"));
    case "new_callerid":
      return words.new_callerid;
    default:
      return words.other(record.event);
  }
};

const RecordRow = (props: {
  readonly record: StoredRecord;
  readonly id: string;
  readonly from: number;
  readonly texts: Texts;
  readonly zone: Zone;
}) => {
  const { record, id, from, texts, zone } = props;
  const at = happenedAt(record);
  return (
    <li id={id}>
      <div class="when">
        <time datetime={new Date(at).toISOString()} safe>
          {timeOfDay(at, zone)}
        </time>
        <span safe>{offset(at - from, zone)}</span>
        <span class="tag" safe>
          {record.kind === "AST" ? record.event : `${record.kind}`}
        </span>
        <span safe>{record.uniqueId}</span>
      </div>
      <div class="words" safe>
        {recordWords(record, texts)}
      </div>
      <details>
        <summary safe>{texts.raw}</summary>
        <pre safe>{maskedRaw(record)}</pre>
      </details>
    </li>
  );
};

const lineOf = (id: string, { lines }: CallNames): string => {
  const name = lines.get(id);
  return name === undefined ? id : `${name} (${id})`;
};

const Facts = (props: {
  readonly call: Call;
  readonly names: CallNames;
  readonly texts: Texts;
  readonly zone: Zone;
}) => {
  const { call, names, texts, zone } = props;
  const duration = (ms: number | null): string => (ms === null ? "–" : clockDuration(ms));
  return (
    <dl class="facts">
      <Fact name={texts.wait} value={call.waitMs === null ? "–" : texts.seconds(call.waitMs)} />
      <Fact name={texts.talk} value={duration(call.talkMs)} />
      <Fact name={texts.total} value={duration(call.totalMs)} />
      {call.startedAt === null ? (
        ""
      ) : (
        <Fact name={texts.startedAt} value={dateAndTime(call.startedAt, zone)} small />
      )}
      {call.trunk === null ? (
        ""
      ) : (
        <Fact name={texts.line} value={lineOf(call.trunk, names)} small />
      )}
    </dl>
  );
};

/** What a page shows, and how: everything comes in, nothing is asked for. */
export type CallView = {
  readonly assembled: AssembledCall;
  /** Shown beside their numbers. */
  readonly names: CallNames;
  /** Who stands behind the chats that got cards, as far as the directory knows. */
  readonly recipients: readonly TelegramUser[];
  readonly zone: Zone;
  /** Now, in milliseconds since the epoch: how long what still goes on has lasted. */
  readonly now: number;
};

/** A part of the page: markup that stands in the page's element of that id. */
export type Section = { readonly id: string; readonly html: string };

/** One record of the list: an `<li>` that bears the id. */
export type RecordItem = { readonly id: string; readonly html: string };

const nameOfNumber =
  ({ assembled: { call }, names }: CallView) =>
  (number: string): string =>
    (number === call.phone && call.direction !== "internal"
      ? names.customer
      : names.managers.get(number)) ?? "";

const rowIds = (records: readonly StoredRecord[]): ((record: StoredRecord) => string) => {
  const rows = new Map(records.map((record, index) => [record, `record-${index + 1}`]));
  return (record) => rows.get(record) ?? "";
};

const Summary = ({ assembled: { call }, names, zone }: CallView) => {
  const texts = textsOf(zone.lang);
  return (
    <header class="card">
      <span class={`badge ${TONE[call.status]}`} safe>
        {texts.status(call.status, call.direction)}
      </span>{" "}
      <span class="kind" safe>
        {texts.direction[call.direction]}
      </span>
      <h1 safe>{texts.sentence(tell(call, texts, names))}</h1>
      <Facts call={call} names={names} texts={texts} zone={zone} />
    </header>
  );
};

const Doubts = ({ assembled: { doubts }, zone }: CallView) => {
  const texts = textsOf(zone.lang);
  return doubts.length === 0 ? (
    ""
  ) : (
    <section class="card doubts">
      <h2 safe>{texts.doubtsTitle}</h2>
      <ul>
        {doubts.map((doubt) => (
          <li safe>{texts.doubt[doubt.code](doubt.count ?? 0)}</li>
        ))}
      </ul>
    </section>
  );
};

const People = (view: CallView) => {
  const { participants } = view.assembled.call;
  const texts = textsOf(view.zone.lang);
  const nameOf = nameOfNumber(view);
  return participants.length === 0 ? (
    ""
  ) : (
    <section class="card">
      <h2 safe>{texts.participants}</h2>
      <ul class="people">
        {participants.map((person) => (
          <Person person={person} name={nameOf(person.number ?? "")} texts={texts} now={view.now} />
        ))}
      </ul>
      {view.names.complete ? (
        ""
      ) : (
        <p class="hint" safe>
          {texts.namesMissing}
        </p>
      )}
    </section>
  );
};

/** The parts above the list of records, in the order of the page; one with nothing to show has no markup. */
export const callSections = (view: CallView): Section[] => {
  const { assembled, zone, now } = view;
  const drawing = (
    <Timeline
      call={assembled.call}
      records={assembled.records}
      texts={textsOf(zone.lang)}
      now={now}
      nameOf={nameOfNumber(view)}
      rowId={rowIds(assembled.records)}
    />
  );
  return [
    { id: "summary", html: (<Summary {...view} />) as string },
    { id: "doubts", html: (<Doubts {...view} />) as string },
    { id: "drawing", html: drawing as string },
    { id: "people", html: (<People {...view} />) as string },
  ];
};

/** Every record, oldest first; the same record keeps its id while the call grows at its end. */
export const recordItems = ({
  assembled: { call, records },
  zone,
  now,
}: CallView): RecordItem[] => {
  const from = call.startedAt ?? records[0]?.at ?? now;
  const texts = textsOf(zone.lang);
  const rowId = rowIds(records);
  return records.map((record) => ({
    id: rowId(record),
    html: (
      <RecordRow record={record} id={rowId(record)} from={from} texts={texts} zone={zone} />
    ) as string,
  }));
};

export const recordsTitle = ({ assembled: { records }, zone }: CallView): string =>
  textsOf(zone.lang).recordsTitle(records.length);

/** The page's last line: where the call is from, and by which ids it is known. */
export const footerText = ({ assembled: { call }, zone }: CallView): string => {
  const texts = textsOf(zone.lang);
  return `${texts.enterprise} ${call.enterprise} · ${texts.callId} ${call.uniqueIds.join(", ")} · ${texts.zone(zone.timezone)}`;
};
