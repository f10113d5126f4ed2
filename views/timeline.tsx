// The drawing of a call: a lane for each party, one for the bridges, marks for Telegram and requests. Plain SVG made on
// the server; places are percent of the width and texts have their own size, so that it is legible on a phone and not
// blown up on a desk. Waiting, ringing, talking and holding differ by pattern as well as colour.

import type { Call } from "../src/call/index.ts";
import type { StoredRecord } from "../src/domain/record.ts";
import type { Texts } from "../src/texts/index.ts";
import { clockDuration } from "./format.ts";
import { beginningsOf, lanesOf, levelsOf, type Mark, marksOf, ticksOf } from "./timeline-model.ts";
import { timelineScale } from "./timeline-scale.ts";
import {
  AXIS_HEIGHT,
  Axis,
  BAR_HEIGHT,
  BarShape,
  BRIDGE_HEIGHT,
  Gaps,
  LABEL_HEIGHT,
  LANE_GAP,
  LaneLabel,
  Legend,
  MarkShape,
  Patterns,
  Track,
} from "./timeline-shapes.tsx";

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
