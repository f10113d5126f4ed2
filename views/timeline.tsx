// The drawing of a call: a lane for each party, one for the bridges, marks for Telegram and requests. Plain SVG made on
// the server; places are percent of the width and texts have their own size, so that it is legible on a phone and not
// blown up on a desk. Waiting, ringing, talking and holding differ by pattern as well as colour.

import type { Call } from "../src/call/index.ts";
import type { StoredRecord } from "../src/domain/record.ts";
import { clockDuration } from "./format.ts";
import type { Texts } from "./texts.ts";
import {
  type Bar,
  type BarKind,
  beginningsOf,
  fittingLabel,
  lanesOf,
  levelsOf,
  type Mark,
  marksOf,
  type Tick,
  ticksOf,
} from "./timeline-model.ts";
import { type Scale, timelineScale } from "./timeline-scale.ts";

const LABEL_HEIGHT = 19;
const BAR_HEIGHT = 14;
const BRIDGE_HEIGHT = 7;
const LANE_GAP = 9;
const AXIS_HEIGHT = 22;
/** The narrowest bar that can still be seen and touched, in percent. */
const MIN_WIDTH = 1.2;

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

const percent = (value: number): string => `${Math.round(value * 100) / 100}%`;

type Linked = { readonly label: string; readonly href: string | undefined };

const Link = (props: { readonly label: string; readonly href: string; readonly shape: string }) => (
  <a href={`#${props.href}`} aria-label={props.label}>
    {props.shape as "safe"}
  </a>
);

const BarShape = (
  props: Linked & { readonly bar: Bar; readonly top: number; readonly scale: Scale },
): JSX.Element => {
  const { bar, top, scale, label, href } = props;
  const left = scale.at(bar.from);
  const width = Math.max(MIN_WIDTH, scale.at(bar.to) - left);
  const shape = (
    <rect
      class={`bar ${bar.kind}`}
      x={percent(Math.min(left, 100 - width))}
      y={top}
      width={percent(width)}
      height={bar.kind === "bridge" ? BRIDGE_HEIGHT : BAR_HEIGHT}
      rx={bar.kind === "bridge" ? "2" : "3"}
    >
      <title safe>{label}</title>
    </rect>
  );
  return href === undefined ? shape : <Link label={label} href={href} shape={shape as string} />;
};

/** A dot for messages, a diamond for requests, a cross for what failed. */
const MARK_SHAPES = {
  TG: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0",
  HTTP: "M0-6L6 0L0 6L-6 0Z",
  failed: "M-5-5L5 5M5-5L-5 5",
} as const;

const MarkShape = (
  props: Linked & {
    readonly mark: Mark;
    readonly kind: "TG" | "HTTP";
    readonly top: number;
    readonly scale: Scale;
  },
): JSX.Element => {
  const { mark, kind, top, scale, label, href } = props;
  const shape = (
    <svg x={percent(scale.at(mark.at))} y={top + BAR_HEIGHT / 2} overflow="visible">
      <title safe>{label}</title>
      <path
        class={mark.failed ? "mark failed" : kind === "TG" ? "mark" : "mark request"}
        d={mark.failed ? MARK_SHAPES.failed : MARK_SHAPES[kind]}
      />
    </svg>
  );
  return href === undefined ? shape : <Link label={label} href={href} shape={shape as string} />;
};

/** Torn edges in a lane where stretches are shortened. */
const Gaps = (props: {
  readonly breaks: readonly number[];
  readonly top: number;
  readonly height: number;
}) => {
  const { breaks, top, height } = props;
  const edge = `${height / 3}l4 ${height / 3}l-4 ${height / 3}`;
  return (
    <>
      {breaks.map((place) => (
        <svg x={percent(place)} y={top} overflow="visible" aria-hidden="true">
          <path class="gap-ground" d={`M2 0l-4 ${edge}`} />
          <path class="gap-edge" d={`M-1 0l-4 ${edge}`} />
          <path class="gap-edge" d={`M5 0l-4 ${edge}`} />
        </svg>
      ))}
    </>
  );
};

const Track = (props: { readonly top: number; readonly height: number }) => (
  <rect
    class="track"
    x="0"
    y={props.top + LABEL_HEIGHT}
    width="100%"
    height={props.height}
    rx="3"
  />
);

const LaneLabel = (props: { readonly label: string; readonly top: number }) => {
  const shown = fittingLabel(props.label);
  return (
    <text class="lane" x="0" y={props.top + 13}>
      {shown === props.label ? "" : <title safe>{props.label}</title>}
      <tspan safe>{shown}</tspan>
    </text>
  );
};

const Axis = (props: {
  readonly ticks: readonly Tick[];
  readonly breaks: readonly number[];
  readonly height: number;
}) => (
  <g>
    {props.breaks.map((place) => (
      <text class="cut" x={percent(place)} y={props.height + 17} text-anchor="middle">
        ≈
      </text>
    ))}
    {props.ticks.map(({ place, text, anchor }) => (
      <g>
        <line class="tick" x1={percent(place)} x2={percent(place)} y1="0" y2={props.height + 4} />
        <text class="axis" x={percent(place)} y={props.height + 17} text-anchor={anchor} safe>
          {text}
        </text>
      </g>
    ))}
  </g>
);

const Patterns = () => (
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
      <circle class="stripe" cx="3" cy="3" r="1.2" />
    </pattern>
    <pattern id="rungs" width="5" height="14" patternUnits="userSpaceOnUse">
      <rect class="stripe-ground" width="5" height="14" />
      <rect class="hold-stripe" width="2" height="14" />
    </pattern>
  </defs>
);

const Legend = (props: {
  readonly kinds: ReadonlySet<BarKind>;
  readonly hasFailed: boolean;
  readonly hasGaps: boolean;
  readonly texts: Texts;
}) => {
  const { kinds, hasFailed, hasGaps, texts } = props;
  return (
    <figcaption>
      {(["waiting", "ringing", "talking", "holding"] as const)
        .filter((kind) => kinds.has(kind))
        .map((kind) => (
          <span class="key">
            <svg width="22" height="12" aria-hidden="true">
              <rect class={`bar ${kind}`} x=".5" y=".5" width="21" height="11" rx="3" />
            </svg>
            <span safe>{texts.drawing[kind]}</span>
          </span>
        ))}
      {hasFailed ? (
        <span class="key">
          <svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">
            <path class="mark failed" d={MARK_SHAPES.failed} />
          </svg>
          <span safe>{texts.drawing.failed}</span>
        </span>
      ) : (
        ""
      )}
      {hasGaps ? (
        <span class="key">
          <span aria-hidden="true">≈</span>
          <span safe>{texts.drawing.shortened}</span>
        </span>
      ) : (
        ""
      )}
    </figcaption>
  );
};

const markLabel = (mark: Mark, texts: Texts, clock: string): string => {
  const told = mark.records.map((record) =>
    record.kind === "TG"
      ? texts.delivery.action(record.action, record.messageType)
      : record.kind === "HTTP"
        ? texts.drawing.request(
            record.status === 0 ? texts.recordWords.noAnswer : String(record.status),
          )
        : "",
  );
  const counted = [...Map.groupBy(told, (text) => text)].map(([text, same]) =>
    same.length === 1 ? text : `${text} × ${same.length}`,
  );
  return `${clock}: ${counted.join(", ")}`;
};

/** The drawing with its legend; nothing for a call in which nothing has a length. */
export const Timeline = (props: TimelineProps): JSX.Element => {
  const { call, records, texts, now, nameOf, rowId } = props;
  const lanes = lanesOf(call, texts, now, nameOf);
  const bars = lanes.flatMap((lane) => lane.bars);
  if (call.startedAt === null || bars.length === 0) return "" as JSX.Element;
  const from = call.startedAt;
  const told = records.filter(({ kind }) => kind === "TG" || kind === "HTTP").map(({ at }) => at);
  const moments = [
    ...bars.flatMap((bar) => [bar.from, bar.to]),
    ...told,
    from,
    call.endedAt ?? from,
  ];
  const scale = timelineScale(moments);
  const beginningOf = beginningsOf(records);
  const clock = (at: number): string => clockDuration(at - from);

  let top = 0;
  const barLabels: string[] = [];
  // Labels are painted last: nothing crosses them.
  const bodies: string[] = [];
  const labels: string[] = [];
  const addLane = (label: string, height: number, shapes: readonly JSX.Element[]): void => {
    bodies.push(
      (<Track top={top} height={height} />) as string,
      ...(shapes as string[]),
      (<Gaps breaks={scale.breaks} top={top + LABEL_HEIGHT - 2} height={height + 4} />) as string,
    );
    labels.push((<LaneLabel label={label} top={top} />) as string);
    top += LABEL_HEIGHT + height + LANE_GAP;
  };

  for (const lane of lanes) {
    const levels = lane.bars.some(({ kind }) => kind === "bridge") ? levelsOf(lane.bars) : [];
    const height =
      levels.length === 0 ? BAR_HEIGHT : Math.max(...levels) * (BRIDGE_HEIGHT + 2) + BRIDGE_HEIGHT;
    const shapes = lane.bars.map((bar, index) => {
      const label = `${lane.label}: ${texts.drawing[bar.kind]} ${clock(bar.from)}–${clock(bar.to)}`;
      barLabels.push(label);
      const record = beginningOf(bar);
      return (
        <BarShape
          bar={bar}
          top={top + LABEL_HEIGHT + (levels[index] ?? 0) * (BRIDGE_HEIGHT + 2)}
          scale={scale}
          label={label}
          href={record === undefined ? undefined : rowId(record)}
        />
      );
    });
    addLane(lane.label, height, shapes);
  }

  const markLanes = (["TG", "HTTP"] as const)
    .map((kind) => ({ kind, marks: marksOf(records, kind, scale) }))
    .filter(({ marks }) => marks.length > 0);
  for (const { kind, marks } of markLanes) {
    const label = kind === "TG" ? texts.drawing.telegram : texts.drawing.requests;
    const shapes = marks.map((mark) => (
      <MarkShape
        mark={mark}
        kind={kind}
        top={top + LABEL_HEIGHT}
        scale={scale}
        label={`${label} ${markLabel(mark, texts, clock(mark.at))}`}
        href={mark.records[0] === undefined ? undefined : rowId(mark.records[0])}
      />
    ));
    addLane(label, BAR_HEIGHT, shapes);
  }

  return (
    <section class="card" aria-labelledby="drawing-title">
      <h2 id="drawing-title" safe>
        {texts.drawing.title}
      </h2>
      <figure class="timeline">
        {/* biome-ignore lint/a11y/useSemanticElements: an SVG that holds links is a group, and a fieldset cannot draw */}
        <svg
          width="100%"
          height={top + AXIS_HEIGHT}
          role="group"
          aria-labelledby="drawing-name"
          aria-describedby="drawing-text"
        >
          <title id="drawing-name" safe>
            {texts.drawing.title}
          </title>
          <desc id="drawing-text" safe>
            {barLabels.join("; ")}
          </desc>
          <Patterns />
          <Axis
            ticks={ticksOf(call, from, Math.max(...moments), scale)}
            breaks={scale.breaks}
            height={top}
          />
          {bodies.join("") as "safe"}
          {labels.join("") as "safe"}
        </svg>
        <Legend
          kinds={new Set(bars.map(({ kind }) => kind))}
          hasFailed={markLanes.some(({ marks }) => marks.some(({ failed }) => failed))}
          hasGaps={scale.breaks.length > 0}
          texts={texts}
        />
      </figure>
    </section>
  );
};
