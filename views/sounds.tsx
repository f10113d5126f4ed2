// The recordings of a call: a player of the browser's own for each, which needs no script, and above it how loud it is over
// its length. The script of player-script.ts makes wave, drawing and records lead into the sound.

import type { Peaks } from "../src/recordings/index.ts";
import { type SoundTexts, soundTextsOf } from "../src/texts/index.ts";
import type { CallView, Sound } from "./call-view.ts";
import { clockDuration, secondOfDay, type Zone } from "./format.ts";

/** The wave's own units; its width on the page is the card's. */
const WAVE_WIDTH = 240;
const WAVE_HEIGHT = 32;
/** Silence is a line. */
const LEAST = 0.5;

const pathOf = (peaks: Peaks): string => {
  const step = WAVE_WIDTH / peaks.length;
  // A quiet voice is drawn as high as a loud one: it is looked at for its pauses.
  const loudest = Math.max(0.05, ...peaks);
  return peaks
    .map((peak, index) => {
      const half = Math.max(LEAST, (peak / loudest) * (WAVE_HEIGHT / 2 - 1));
      const x = Math.round((index + 0.5) * step * 10) / 10;
      const top = Math.round((WAVE_HEIGHT / 2 - half) * 10) / 10;
      return `M${x} ${top}v${Math.round(half * 20) / 10}`;
    })
    .join("");
};

const Wave = (props: { readonly peaks: Peaks }): JSX.Element => (
  <svg
    class="wave"
    viewBox={`0 0 ${WAVE_WIDTH} ${WAVE_HEIGHT}`}
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    <rect class="played" width="0" height={WAVE_HEIGHT} />
    <path d={pathOf(props.peaks)} />
  </svg>
);

const factsOf = (
  { n, seconds, startedAt, bytes }: Sound,
  isOnly: boolean,
  texts: SoundTexts,
  zone: Zone,
): string => {
  const megabytes = new Intl.NumberFormat(zone.lang, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(Math.max(0.1, bytes / 1_000_000));
  return [
    isOnly ? "" : texts.nth(n),
    startedAt === null ? "" : secondOfDay(startedAt, zone),
    seconds === null ? "" : clockDuration(seconds * 1000),
    texts.size(megabytes),
  ]
    .filter((fact) => fact !== "")
    .join(" · ");
};

const SoundItem = (props: {
  readonly sound: Sound;
  readonly isOnly: boolean;
  readonly texts: SoundTexts;
  readonly zone: Zone;
}): JSX.Element => {
  const { sound, isOnly, texts, zone } = props;
  const { n, href, peaks, seconds, startedAt, isPlayable, format } = sound;
  const time = startedAt === null ? "" : secondOfDay(startedAt, zone);
  return (
    <li>
      {peaks === undefined || !isPlayable ? "" : <Wave peaks={peaks} />}
      {isPlayable ? (
        // biome-ignore lint/a11y/useMediaCaption: nobody wrote down what was said
        <audio
          controls=""
          preload={seconds === null ? "metadata" : "none"}
          src={href}
          aria-label={texts.player(n, time)}
          data-start={startedAt === null ? undefined : String(startedAt)}
          data-seconds={seconds === null ? undefined : String(seconds)}
        />
      ) : (
        ""
      )}
      <p class="sound-facts">
        <span safe>{factsOf(sound, isOnly, texts, zone)}</span>
        <a href={`${href}&download=1`} aria-label={texts.saveThat(n)} download="" safe>
          {texts.save}
        </a>
      </p>
      {isPlayable ? (
        ""
      ) : (
        <p class="hint" safe>
          {format === "gsm" || format === "wav49" ? texts.cannotPlay.gsm : texts.cannotPlay.other}
        </p>
      )}
    </li>
  );
};

/** Nothing where there is none. */
export const Sounds = ({ sounds = [], zone }: CallView): JSX.Element => {
  if (sounds.length === 0) return "" as JSX.Element;
  const texts = soundTextsOf(zone.lang);
  const isSought = sounds.some(({ peaks, isPlayable }) => peaks !== undefined && isPlayable);
  return (
    <section class="card" aria-labelledby="sounds-title">
      <h2 id="sounds-title" safe>
        {texts.title(sounds.length)}
      </h2>
      <ol class="sounds">
        {sounds.map((sound) => (
          <SoundItem sound={sound} isOnly={sounds.length === 1} texts={texts} zone={zone} />
        ))}
      </ol>
      {isSought ? (
        <p class="hint seek" safe>
          {texts.hint}
        </p>
      ) : (
        ""
      )}
    </section>
  );
};
