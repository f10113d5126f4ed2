// The calls of a day, an hour a bar: those that were answered, and on top of them those that were not, told apart by
// pattern as well as colour. Plain SVG made on the server; the numbers follow as a table for whoever cannot see it.

import type { HourCount } from "../src/call/index.ts";
import type { ListTexts } from "../src/texts/index.ts";
import { hourOfDay, type Zone } from "./format.ts";

const HEIGHT = 96;
/** Room above the tallest bar for its number. */
const TOP = 18;
const AXIS_HEIGHT = 20;
/** The lowest bar that can still be seen. */
const MIN_BAR = 3;
/** Share of an hour's width that its bar takes. */
const BAR_SHARE = 0.74;
/** Numbers of three digits run into each other. */
const MAX_LABELLED = 99;

const percent = (value: number): string => `${Math.round(value * 100) / 100}%`;

const totalOf = (hour: HourCount | undefined): number =>
  hour === undefined ? 0 : hour.answered + hour.unanswered;

export type DayChartProps = {
  readonly hours: readonly HourCount[];
  /** The day in words. */
  readonly day: string;
  readonly zone: Zone;
  readonly texts: ListTexts;
};

/** Hours whose two digits would touch those before them on a phone: of such neighbours every other one. */
const crowdedHours = (hours: readonly HourCount[]): ReadonlySet<HourCount> => {
  const crowded = new Set<HourCount>();
  for (const [index, hour] of hours.entries()) {
    const before = hours[index - 1];
    if (before !== undefined && totalOf(before) > 9 && totalOf(hour) > 9 && !crowded.has(before)) {
      crowded.add(hour);
    }
  }
  return crowded;
};

const HourBar = (props: {
  readonly hour: HourCount;
  readonly left: number;
  readonly width: number;
  readonly tallest: number;
  readonly label: string;
  /** Its number would run into its neighbour's on a phone. */
  readonly isCrowded: boolean;
}) => {
  const { hour, left, width, tallest, label, isCrowded } = props;
  const heightOf = (count: number): number =>
    count === 0 ? 0 : Math.max(MIN_BAR, (count / tallest) * HEIGHT);
  const [answered, unanswered] = [heightOf(hour.answered), heightOf(hour.unanswered)];
  const ground = TOP + HEIGHT;
  const bar = {
    x: percent(left + (width * (1 - BAR_SHARE)) / 2),
    width: percent(width * BAR_SHARE),
  };
  const total = totalOf(hour);
  return (
    <g>
      <title safe>{label}</title>
      <rect class="hover" x={percent(left)} width={percent(width)} y="0" height={ground} />
      {answered > 0 ? (
        <rect class="bar-answered" {...bar} y={ground - answered} height={answered} rx="2" />
      ) : (
        ""
      )}
      {unanswered > 0 ? (
        <rect
          class="bar-unanswered"
          {...bar}
          y={ground - answered - unanswered}
          height={unanswered}
          rx="2"
        />
      ) : (
        ""
      )}
      {total > 0 && (tallest <= MAX_LABELLED || total === tallest) ? (
        <text
          class={isCrowded ? "count crowded" : "count"}
          x={percent(left + width / 2)}
          y={ground - answered - unanswered - 5}
          text-anchor="middle"
        >
          {total}
        </text>
      ) : (
        ""
      )}
    </g>
  );
};

const Key = (props: { readonly kind: "answered" | "unanswered"; readonly text: string }) => (
  <span class="key">
    <svg width="22" height="12" aria-hidden="true">
      <rect class={`bar-${props.kind}`} width="22" height="12" rx="3" />
    </svg>
    <span safe>{props.text}</span>
  </span>
);

const HourTable = ({ hours, zone, texts }: DayChartProps) => (
  <details class="hours">
    <summary safe>{texts.chart.table}</summary>
    <table>
      <thead>
        <tr>
          <th scope="col" safe>
            {texts.chart.hourHeading}
          </th>
          <th scope="col" safe>
            {texts.chart.answered}
          </th>
          <th scope="col" safe>
            {texts.chart.unanswered}
          </th>
        </tr>
      </thead>
      <tbody>
        {hours
          .filter((hour) => totalOf(hour) > 0)
          .map(({ from, answered, unanswered }) => (
            <tr>
              <th scope="row" safe>
                {hourOfDay(from, zone)}
              </th>
              <td>{answered}</td>
              <td>{unanswered}</td>
            </tr>
          ))}
      </tbody>
    </table>
  </details>
);

/** The drawing with its legend and its table; a sentence for a day without calls. */
export const DayChart = (props: DayChartProps): JSX.Element => {
  const { hours, day, zone, texts } = props;
  const tallest = Math.max(0, ...hours.map(totalOf));
  if (tallest === 0) {
    return (
      <p class="hint" safe>
        {texts.chart.none}
      </p>
    );
  }
  const width = 100 / hours.length;
  const crowded = crowdedHours(hours);
  const labelOf = ({ from, answered, unanswered }: HourCount): string =>
    texts.chart.hour(hourOfDay(from, zone), answered, unanswered);
  return (
    <figure class="day-chart">
      <svg
        width="100%"
        height={TOP + HEIGHT + AXIS_HEIGHT}
        role="img"
        aria-labelledby="chart-title chart-text"
      >
        <title id="chart-title" safe>
          {texts.chart.title(day)}
        </title>
        <desc id="chart-text" safe>
          {hours
            .filter((hour) => totalOf(hour) > 0)
            .map(labelOf)
            .join("; ")}
        </desc>
        <defs>
          <pattern
            id="unanswered-stripes"
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect class="stripe-ground" width="6" height="6" />
            <rect class="unanswered-stripe" width="3.4" height="6" />
          </pattern>
        </defs>
        <line class="ground" x1="0" x2="100%" y1={TOP + HEIGHT} y2={TOP + HEIGHT} />
        {hours.map((hour, index) => (
          <HourBar
            hour={hour}
            left={index * width}
            width={width}
            tallest={tallest}
            label={labelOf(hour)}
            isCrowded={crowded.has(hour)}
          />
        ))}
        {hours.map(({ from }, index) =>
          index % 3 === 0 ? (
            <text
              class={index % 6 === 0 ? "axis" : "axis odd"}
              x={percent((index + 0.5) * width)}
              y={TOP + HEIGHT + 15}
              text-anchor="middle"
              safe
            >
              {hourOfDay(from, zone)}
            </text>
          ) : (
            ""
          ),
        )}
      </svg>
      <figcaption>
        <Key kind="answered" text={texts.chart.answered} />
        <Key kind="unanswered" text={texts.chart.unanswered} />
      </figcaption>
      <HourTable {...props} />
    </figure>
  );
};
