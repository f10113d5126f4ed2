// The shapes of the drawing: bars, marks, lanes, the axis and the legend, as pieces of SVG. Where they stand is decided by
// timeline.tsx; heights are pixels, places percent of the width.

import type { Texts } from "../src/texts/index.ts";
import { type Bar, type BarKind, fittingLabel, type Mark, type Tick } from "./timeline-model.ts";
import type { Scale } from "./timeline-scale.ts";

export const LABEL_HEIGHT = 19;
export const BAR_HEIGHT = 14;
export const BRIDGE_HEIGHT = 7;
export const LANE_GAP = 9;
export const AXIS_HEIGHT = 22;
/** The narrowest bar that can still be seen and touched, in percent. */
const MIN_WIDTH = 1.2;

const percent = (value: number): string => `${Math.round(value * 100) / 100}%`;

type Linked = { readonly label: string; readonly href: string | undefined };

const Link = (props: {
  readonly label: string;
  readonly href: string;
  readonly shape: string;
  /** The time that the shape stands for, where a recording may be heard from within it. */
  readonly heard?: Bar | undefined;
}) => (
  <a
    href={`#${props.href}`}
    aria-label={props.label}
    data-from={props.heard === undefined ? undefined : String(props.heard.from)}
    data-to={props.heard === undefined ? undefined : String(props.heard.to)}
  >
    {props.shape as "safe"}
  </a>
);

export const BarShape = (
  props: Linked & {
    readonly bar: Bar;
    readonly top: number;
    readonly scale: Scale;
    readonly isHeard: boolean;
  },
): JSX.Element => {
  const { bar, top, scale, label, href, isHeard } = props;
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
  const heard = isHeard ? bar : undefined;
  return href === undefined ? (
    shape
  ) : (
    <Link label={label} href={href} shape={shape as string} heard={heard} />
  );
};

/** A dot for messages, a diamond for requests, a cross for what failed. */
const MARK_SHAPES = {
  TG: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0",
  HTTP: "M0-6L6 0L0 6L-6 0Z",
  failed: "M-5-5L5 5M5-5L-5 5",
} as const;

export const MarkShape = (
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
export const Gaps = (props: {
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

export const Track = (props: { readonly top: number; readonly height: number }) => (
  <rect
    class="track"
    x="0"
    y={props.top + LABEL_HEIGHT}
    width="100%"
    height={props.height}
    rx="3"
  />
);

export const LaneLabel = (props: { readonly label: string; readonly top: number }) => {
  const shown = fittingLabel(props.label);
  return (
    <text class="lane" x="0" y={props.top + 13}>
      {shown === props.label ? "" : <title safe>{props.label}</title>}
      <tspan safe>{shown}</tspan>
    </text>
  );
};

export const Axis = (props: {
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

export const Patterns = () => (
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

export const Legend = (props: {
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
