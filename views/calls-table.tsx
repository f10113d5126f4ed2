// The rows of the list: a table in which a row is a call, grouped by day. On a narrow screen the style sheet turns a row
// into a block; the markup stays a table for whoever listens to it.

import { type Direction, type FollowedRow, isLive, isOwed } from "../src/call/index.ts";
import { isWithheld } from "../src/domain/phone.ts";
import { dayIn } from "../src/domain/zone-day.ts";
import {
  followTextsOf,
  type ListTexts,
  listTextsOf,
  soundTextsOf,
  type Texts,
  textsOf,
} from "../src/texts/index.ts";
import { followFacts, repeatsInWords } from "./follow-facts.ts";
import {
  clockDuration,
  dayInWords,
  secondOfDay,
  telephone,
  telephoneHref,
  type Zone,
} from "./format.ts";
import { TONE } from "./tone.ts";

/** A call with the address of its page, relative to the list; undefined where none can be made. */
export type ListedCall = FollowedRow & {
  readonly href: string | undefined;
  /** Of the call that settled this missed one, or that this one settled. */
  readonly otherHref?: string | undefined;
  /** Whether its page has a recording. */
  readonly isRecorded?: boolean;
};

/** Names as the metadata service knows them. */
export type NamesByNumber = {
  readonly customers: ReadonlyMap<string, string>;
  readonly managers: ReadonlyMap<string, string>;
  /** False where some could not be asked for in time. */
  readonly complete: boolean;
};

/** More rung numbers than this are counted, not listed. */
const MAX_RUNG = 3;

const ARROWS: { readonly [direction in Direction]: string } = {
  incoming: "↙",
  outgoing: "↗",
  internal: "↔",
  unknown: "·",
};

type Props = {
  readonly row: ListedCall;
  readonly names: NamesByNumber;
  readonly texts: Texts;
  readonly words: ListTexts;
  readonly zone: Zone;
};

const Caller = ({ row, names, texts, zone }: Props) => {
  const { phone, direction } = row;
  const href = phone === null ? undefined : telephoneHref(phone, zone);
  const shown = phone === null || isWithheld(phone) ? texts.hidden : telephone(phone, zone);
  const known =
    phone === null
      ? undefined
      : (direction === "internal" ? names.managers : names.customers).get(phone);
  // Senders without a name put the number in its place.
  const told = row.callerName === phone ? "" : (row.callerName ?? "");
  return (
    <td class="who">
      <span class="number">
        <span class={isOwed(row) ? "arrow missed" : "arrow"} aria-hidden="true" safe>
          {ARROWS[direction]}
        </span>
        <span class="unseen" safe>{`${texts.direction[direction]} `}</span>
        {href === undefined ? (
          <b safe>{shown}</b>
        ) : (
          <a href={href}>
            <b safe>{shown}</b>
          </a>
        )}
      </span>
      {(known ?? told) === "" ? "" : <small safe>{known ?? told}</small>}
    </td>
  );
};

const Staff = ({ row, names, words, zone }: Props) => {
  const { answeredBy, extensions, direction, transfers } = row;
  const named = (number: string): string => {
    const name = names.managers.get(number);
    const shown = telephone(number, zone);
    return name === undefined ? shown : `${shown} ${name}`;
  };
  // Whoever placed an outgoing call stands first among ours.
  const placed = direction === "outgoing" ? extensions.slice(0, 1) : [];
  const talked = answeredBy.length > 0 ? answeredBy : placed;
  if (talked.length > 0) {
    return (
      <td class="staff">
        <span safe>{talked.map(named).join(transfers > 0 ? " → " : ", ")}</span>
        {transfers > 0 ? <small safe>{words.transferred}</small> : ""}
      </td>
    );
  }
  const listed = extensions
    .slice(0, MAX_RUNG)
    .map((number) => telephone(number, zone))
    .join(", ");
  const more = extensions.length - MAX_RUNG;
  const rung = more > 0 ? `${listed} ${words.andMore(more)}` : listed;
  return (
    <td class="staff only-rung" safe>
      {rung === "" ? "–" : words.rung(rung)}
    </td>
  );
};

const Spent = (props: {
  readonly kind: "waited" | "talked";
  readonly word: string;
  readonly text: string;
  /** Said of a call that was recorded. */
  readonly mark?: string | undefined;
}) => (
  <td class={`spent ${props.kind}`}>
    {props.text === "" ? (
      ""
    ) : (
      <>
        <span class="narrow" safe>{`${props.word} `}</span>
        <span safe>{props.text}</span>
      </>
    )}
    {props.mark === undefined ? (
      ""
    ) : (
      <span class="recorded" role="img" title={props.mark} aria-label={props.mark}>
        {" ♪"}
      </span>
    )}
  </td>
);

/** What became of a missed call, or that this call settled one; nothing of other calls. */
const Follow = ({ row, names, zone }: Props) => {
  const { followUp, returns, otherHref } = row;
  const words = followTextsOf(zone.lang);
  if (followUp === null && returns === null) return <td class="follow"></td>;
  const nameOf = (number: string): string => names.managers.get(number) ?? "";
  const told = followUp === null ? words.returns : words.short(followFacts(followUp, zone, nameOf));
  const again = followUp === null ? "" : repeatsInWords(followUp, row.startedAt, words);
  // Of the calls of a row the newest stands for the others.
  const isDone = followUp === null || followUp.call !== null || !followUp.stands;
  return (
    <td class={isDone ? "follow" : "follow owed"}>
      {otherHref === undefined ? (
        <span safe>{told}</span>
      ) : (
        <a href={otherHref} safe>
          {told}
        </a>
      )}
      {again === "" ? "" : <small safe>{again}</small>}
    </td>
  );
};

const Row = (props: Props) => {
  const { row, texts, words, zone } = props;
  const time = secondOfDay(row.startedAt, zone);
  const outcome =
    row.status === "talking" ? words.talking : texts.status(row.status, row.direction);
  const moment = (
    <time datetime={new Date(row.startedAt).toISOString()} safe>
      {time}
    </time>
  );
  return (
    <tr class="call">
      <td class="time">
        {row.href === undefined ? (
          (moment as "safe")
        ) : (
          <a href={row.href} aria-label={`${time}, ${words.open}`}>
            {moment as "safe"}
          </a>
        )}
      </td>
      <Caller {...props} />
      <Staff {...props} />
      <Spent
        kind="waited"
        word={words.waited}
        text={row.waitMs === null ? "" : texts.seconds(row.waitMs)}
      />
      <Spent
        kind="talked"
        word={words.talked}
        text={row.talkMs === null || row.talkMs === 0 ? "" : clockDuration(row.talkMs)}
        mark={row.isRecorded === true ? soundTextsOf(zone.lang).mark : undefined}
      />
      <td class="result">
        <span class={`badge ${TONE[row.status]}`} safe>
          {isLive(row.status) ? `● ${outcome}` : outcome}
        </span>
        {row.isLost ? <small safe>{followTextsOf(zone.lang).lost}</small> : ""}
      </td>
      <Follow {...props} />
    </tr>
  );
};

/** The table of the rows, newest first, a group for each day. */
export const CallsTable = (props: {
  readonly rows: readonly ListedCall[];
  readonly names: NamesByNumber;
  readonly zone: Zone;
}): JSX.Element => {
  const { rows, names, zone } = props;
  const [texts, words] = [textsOf(zone.lang), listTextsOf(zone.lang)];
  const { column } = words;
  const days = Map.groupBy(rows, ({ startedAt }) => dayIn(startedAt, zone.timeZone));
  return (
    <table class="calls">
      <thead>
        <tr>
          <th scope="col" safe>
            {column.time}
          </th>
          <th scope="col" safe>
            {column.call}
          </th>
          <th scope="col" safe>
            {column.staff}
          </th>
          <th scope="col" safe>
            {column.wait}
          </th>
          <th scope="col" safe>
            {column.talk}
          </th>
          <th scope="col" class="result" safe>
            {column.result}
          </th>
          <th scope="col" class="follow" safe>
            {words.field.follow}
          </th>
        </tr>
      </thead>
      {[...days].map(([day, ofDay]) => (
        <tbody>
          <tr class="of-day">
            <th colspan="7" scope="rowgroup" safe>
              {dayInWords(day, zone.lang)}
            </th>
          </tr>
          {ofDay.map((row) => (
            <Row row={row} names={names} texts={texts} words={words} zone={zone} />
          ))}
        </tbody>
      ))}
    </table>
  );
};
