// The drawing of a call: a lane for each party, one for the bridges, marks for Telegram and requests. Plain SVG made on
// the server; places are percent of the width and texts have their own size, so that it is legible on a phone and not
// blown up on a desk. Waiting, ringing, talking and holding differ by pattern as well as colour.

import type { Call } from "../src/call/index.ts";
import type { StoredRecord } from "../src/domain/record.ts";
import type { Texts } from "../src/texts/index.ts";
import { clockDuration, type Zone } from "./format.ts";
import {
  beginningsOf,
  type Lane,
  lanesOf,
  levelsOf,
  type Mark,
  marksOf,
  ticksOf,
} from "./timeline-model.ts";
import { type Scale, timelineScale } from "./timeline-scale.ts";
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
  readonly zone: Zone;
  /** End of what still goes on, in milliseconds since the epoch. */
  readonly now: number;
  /** Whom a number belongs to, as shown beside it; "" where not known. */
  readonly nameOf: (number: string) => string;
  /** The id of a record's row on the page. */
  readonly rowId: (record: StoredRecord) => string;
  /** Whether there is a recording to be heard from any place of a bar. */
  readonly isHeard: boolean;
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

/** The lanes painted so far, from the top down. */
class Canvas {
  readonly #breaks: Scale["breaks"];
  /** Labels are painted last: nothing crosses them. */
  readonly #bodies: string[] = [];
  readonly #labels: string[] = [];
  #height = 0;

  constructor({ breaks }: Scale) {
    this.#breaks = breaks;
  }

  /** Of all lanes so far. */
  get height(): number {
    return this.#height;
  }

  /** Where the shapes of the next lane begin. */
  get shapesTop(): number {
    return this.#height + LABEL_HEIGHT;
  }

  get markup(): string {
    return this.#bodies.join("") + this.#labels.join("");
  }

  add(label: string, height: number, shapes: readonly JSX.Element[]): void {
    const top = this.#height;
    this.#bodies.push(
      (<Track top={top} height={height} />) as string,
      ...(shapes as string[]),
      (<Gaps breaks={this.#breaks} top={this.shapesTop - 2} height={height + 4} />) as string,
    );
    this.#labels.push((<LaneLabel label={label} top={top} />) as string);
    this.#height += LABEL_HEIGHT + height + LANE_GAP;
  }
}

/** What is drawn, and how it is read. */
type Drawing = TimelineProps & {
  readonly lanes: readonly Lane[];
  readonly scale: Scale;
  /** A moment as time since the call's beginning. */
  readonly clock: (at: number) => string;
};

/** Paints the lanes of the parties and bridges. @returns what each bar is, in words */
const paintLanes = (canvas: Canvas, drawing: Drawing): string[] => {
  const { lanes, scale, clock, texts, records, rowId, isHeard } = drawing;
  const beginningOf = beginningsOf(records);
  const barLabels: string[] = [];
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
          top={canvas.shapesTop + (levels[index] ?? 0) * (BRIDGE_HEIGHT + 2)}
          scale={scale}
          label={label}
          href={record === undefined ? undefined : rowId(record)}
          isHeard={isHeard}
        />
      );
    });
    canvas.add(lane.label, height, shapes);
  }
  return barLabels;
};

/** Paints what was told and asked meanwhile. @returns whether some of it failed */
const paintMarks = (canvas: Canvas, drawing: Drawing): boolean => {
  const { scale, clock, texts, records, rowId } = drawing;
  let hasFailed = false;
  for (const kind of ["TG", "HTTP"] as const) {
    const marks = marksOf(records, kind, scale);
    if (marks.length === 0) continue;
    const label = kind === "TG" ? texts.drawing.telegram : texts.drawing.requests;
    const shapes = marks.map((mark) => (
      <MarkShape
        mark={mark}
        kind={kind}
        top={canvas.shapesTop}
        scale={scale}
        label={`${label} ${markLabel(mark, texts, clock(mark.at))}`}
        href={mark.records[0] === undefined ? undefined : rowId(mark.records[0])}
      />
    ));
    canvas.add(label, BAR_HEIGHT, shapes);
    hasFailed ||= marks.some(({ failed }) => failed);
  }
  return hasFailed;
};

/** The drawing with its legend; nothing for a call in which nothing has a length. */
export const Timeline = (props: TimelineProps): JSX.Element => {
  const { call, records, texts, zone, now, nameOf } = props;
  const lanes = lanesOf(call, { texts, zone, now }, nameOf);
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
  const drawing = { ...props, lanes, scale, clock: (at: number) => clockDuration(at - from) };
  const canvas = new Canvas(scale);
  const barLabels = paintLanes(canvas, drawing);
  const hasFailed = paintMarks(canvas, drawing);

  return (
    <section class="card" aria-labelledby="drawing-title">
      <h2 id="drawing-title" safe>
        {texts.drawing.title}
      </h2>
      <figure class="timeline">
        {/* biome-ignore lint/a11y/useSemanticElements: an SVG that holds links is a group, and a fieldset cannot draw */}
        <svg
          width="100%"
          height={canvas.height + AXIS_HEIGHT}
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
            height={canvas.height}
          />
          {canvas.markup as "safe"}
        </svg>
        <Legend
          kinds={new Set(bars.map(({ kind }) => kind))}
          hasFailed={hasFailed}
          hasGaps={scale.breaks.length > 0}
          texts={texts}
        />
      </figure>
    </section>
  );
};
