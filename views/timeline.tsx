// The drawing of a call: a lane for each party, one for the bridges, marks for Telegram and requests. Plain SVG made on
// the server; places are percent of the width and texts have their own size, so that it is legible on a phone and not
// blown up on a desk. Ringing and talking differ by pattern as well as colour.

import type { Call, Participant, Span } from "../src/call/index.ts";
import { happenedAt } from "../src/domain/event-time.ts";
import { isWithheld } from "../src/domain/phone.ts";
import type { StoredRecord } from "../src/domain/record.ts";
import { clockDuration, telephone } from "./format.ts";
import type { Texts } from "./texts.ts";
import { type Scale, timelineScale } from "./timeline-scale.ts";

const LANE_HEIGHT = 38;
const BAR_TOP = 18;
const BAR_HEIGHT = 14;
const AXIS_HEIGHT = 22;
/** The narrowest bar that can still be seen and touched, in percent. */
const MIN_WIDTH = 0.8;
/** Labels of the axis nearer than this would run into each other on a phone, in percent. */
const MIN_TICK_DISTANCE = 16;

type BarKind = "waiting" | "ringing" | "talking" | "bridge";
type Bar = { readonly kind: BarKind; readonly from: number; readonly to: number };
type Lane = { readonly label: string; readonly bars: readonly Bar[] };
type Mark = { readonly kind: "TG" | "HTTP"; readonly at: number; readonly failed: boolean };

export type TimelineProps = {
  readonly call: Call;
  readonly records: readonly StoredRecord[];
  readonly texts: Texts;
  /** End of what still goes on, in milliseconds since the epoch. */
  readonly now: number;
  /** Whom a number belongs to, as shown beside it; "" where not known. */
  readonly nameOf: (number: string) => string;
  /** The id of a record's row on the page. */
  readonly rowId: (record: StoredRecord) => string;
};

const barsOf = (spans: readonly Span[], kind: BarKind, now: number): Bar[] =>
  spans.map((span) => ({ kind, from: span.from, to: span.to ?? now }));

/** Whoever placed the call waits from its start to the answer. */
const waiting = (call: Call, person: Participant, now: number): Bar[] => {
  const placed =
    person.role === "caller" || (person.role === "outside" && call.direction === "incoming");
  if (!placed || call.startedAt === null) return [];
  return [{ kind: "waiting", from: call.startedAt, to: call.answeredAt ?? call.endedAt ?? now }];
};

const lanesOf = ({ call, texts, now, nameOf }: TimelineProps): Lane[] => {
  const people = call.participants.map((person) => {
    const shown =
      person.number === null || isWithheld(person.number) ? texts.hidden : telephone(person.number);
    const name = person.number === null ? "" : nameOf(person.number);
    return {
      label: name === "" ? shown : `${shown} ${name}`,
      bars: [
        ...waiting(call, person, now),
        ...barsOf(person.ringing, "ringing", now),
        ...barsOf(person.talking, "talking", now),
      ],
    };
  });
  return call.bridges.length === 0
    ? people
    : [...people, { label: texts.drawing.bridges, bars: barsOf(call.bridges, "bridge", now) }];
};

const marksOf = (records: readonly StoredRecord[]): Mark[] =>
  records.flatMap((record): Mark[] =>
    record.kind === "TG"
      ? [{ kind: "TG", at: record.at, failed: record.action === "fail" }]
      : record.kind === "HTTP"
        ? [
            {
              kind: "HTTP",
              at: record.at,
              failed: record.status === 0 || record.status >= 500,
            },
          ]
        : [],
  );

const percent = (value: number): string => `${Math.round(value * 100) / 100}%`;

const BarShape = (props: {
  readonly bar: Bar;
  readonly top: number;
  readonly scale: Scale;
  readonly label: string;
  readonly href: string | undefined;
}) => {
  const { bar, top, scale, label, href } = props;
  const left = scale.at(bar.from);
  const width = Math.max(MIN_WIDTH, scale.at(bar.to) - left);
  const shape = (
    <rect
      class={`bar ${bar.kind}`}
      x={percent(Math.min(left, 100 - width))}
      y={top}
      width={percent(width)}
      height={BAR_HEIGHT}
      rx="3"
    >
      <title safe>{label}</title>
    </rect>
  );
  return href === undefined ? (
    (shape as "safe")
  ) : (
    <a href={`#${href}`} aria-label={label}>
      {shape as "safe"}
    </a>
  );
};

const ticksOf = (call: Call, end: number, scale: Scale): { at: number; place: number }[] => {
  const start = call.startedAt ?? end;
  const moments = [start, end, call.answeredAt, ...call.transfers.map(({ at }) => at)];
  const ticks: { at: number; place: number }[] = [];
  for (const at of moments) {
    if (at === null) continue;
    const place = scale.at(at);
    if (ticks.every((tick) => Math.abs(tick.place - place) >= MIN_TICK_DISTANCE)) {
      ticks.push({ at, place });
    }
  }
  return ticks;
};

const anchor = (place: number): "start" | "middle" | "end" =>
  place < 8 ? "start" : place > 92 ? "end" : "middle";

const Axis = (props: {
  readonly call: Call;
  readonly end: number;
  readonly scale: Scale;
  readonly top: number;
  readonly texts: Texts;
}) => {
  const { call, end, scale, top, texts } = props;
  const start = call.startedAt ?? end;
  return (
    <g>
      {ticksOf(call, end, scale).map(({ at, place }) => (
        <g>
          <line class="tick" x1={percent(place)} x2={percent(place)} y1="0" y2={top + 4} />
          <text class="axis" x={percent(place)} y={top + 17} text-anchor={anchor(place)} safe>
            {clockDuration(at - start)}
          </text>
        </g>
      ))}
      {scale.breaks.map((place) => (
        <text class="cut" x={percent(place)} y={top + 17} text-anchor="middle">
          <title safe>{texts.drawing.shortened}</title>≈
        </text>
      ))}
    </g>
  );
};

/** The drawing with its legend; nothing for a call of which no event is known. */
export const Timeline = (props: TimelineProps): JSX.Element => {
  const { call, records, texts, rowId } = props;
  if (call.startedAt === null || call.participants.length === 0) return "" as JSX.Element;
  const lanes = lanesOf(props);
  const marks = marksOf(records);
  const moments = [
    ...lanes.flatMap(({ bars }) => bars.flatMap(({ from, to }) => [from, to])),
    ...marks.map(({ at }) => at),
    call.startedAt,
    call.endedAt ?? call.startedAt,
  ];
  const scale = timelineScale(moments);
  const end = Math.max(...moments);
  const top = lanes.length * LANE_HEIGHT + (marks.length > 0 ? LANE_HEIGHT : 0);
  const from = call.startedAt;

  const ordered = records
    .filter((record) => record.kind === "AST")
    .map((record) => ({ record, at: happenedAt(record) }))
    .sort((a, b) => a.at - b.at);
  const rowOf = (at: number): string | undefined => {
    const found = ordered.find((entry) => entry.at >= at) ?? ordered.at(-1);
    return found === undefined ? undefined : rowId(found.record);
  };
  const labelOf = (lane: Lane, bar: Bar): string =>
    `${lane.label}: ${texts.drawing[bar.kind]} ${clockDuration(bar.from - from)}–${clockDuration(bar.to - from)}`;

  return (
    <figure class="card timeline">
      {/* biome-ignore lint/a11y/useSemanticElements: an SVG that holds links is a group, and a fieldset cannot draw */}
      <svg
        width="100%"
        height={top + AXIS_HEIGHT}
        role="group"
        aria-labelledby="drawing-title drawing-text"
      >
        <title id="drawing-title" safe>
          {texts.drawing.title}
        </title>
        <desc id="drawing-text" safe>
          {lanes.flatMap((lane) => lane.bars.map((bar) => labelOf(lane, bar))).join("; ")}
        </desc>
        <defs>
          <pattern
            id="stripes"
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect class="stripe-ground" width="6" height="6" />
            <rect class="stripe" width="3" height="6" />
          </pattern>
          <pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">
            <rect class="stripe-ground" width="6" height="6" />
            <circle class="stripe" cx="3" cy="3" r="1.4" />
          </pattern>
        </defs>
        <Axis call={call} end={end} scale={scale} top={top} texts={texts} />
        {lanes.map((lane, index) => (
          <g>
            <text class="lane" x="0" y={index * LANE_HEIGHT + 13} safe>
              {lane.label}
            </text>
            <rect
              class="track"
              x="0"
              y={index * LANE_HEIGHT + BAR_TOP}
              width="100%"
              height={BAR_HEIGHT}
              rx="3"
            />
            {lane.bars.map((bar) => (
              <BarShape
                bar={bar}
                top={index * LANE_HEIGHT + BAR_TOP}
                scale={scale}
                label={labelOf(lane, bar)}
                href={rowOf(bar.from)}
              />
            ))}
          </g>
        ))}
        {marks.length === 0 ? (
          ""
        ) : (
          <g>
            <text class="lane" x="0" y={lanes.length * LANE_HEIGHT + 13} safe>
              {texts.drawing.marks}
            </text>
            {marks.map(({ kind, at, failed }) =>
              kind === "TG" ? (
                <circle
                  class={failed ? "mark failed" : "mark"}
                  cx={percent(scale.at(at))}
                  cy={lanes.length * LANE_HEIGHT + BAR_TOP + 7}
                  r="5"
                >
                  <title>Telegram</title>
                </circle>
              ) : (
                <rect
                  class={failed ? "mark request failed" : "mark request"}
                  x={percent(scale.at(at))}
                  y={lanes.length * LANE_HEIGHT + BAR_TOP + 2}
                  width="9"
                  height="9"
                >
                  <title>HTTP</title>
                </rect>
              ),
            )}
          </g>
        )}
      </svg>
      <figcaption>
        {(["waiting", "ringing", "talking"] as const).map((kind) => (
          <span class="key">
            <svg width="22" height="12" aria-hidden="true">
              <rect class={`bar ${kind}`} width="22" height="12" rx="3" />
            </svg>
            <span safe>{texts.drawing[kind]}</span>
          </span>
        ))}
      </figcaption>
    </figure>
  );
};
