// What a reader sees in three seconds: the result as a colour and a word, one sentence, three numbers. Below them, smaller,
// the result again in full, when the call began and the line it came by.

import type { CallNames } from "../src/domain/names.ts";
import { type Texts, textsOf } from "../src/texts/index.ts";
import { type CallView, nameOfNumber } from "./call-view.ts";
import { FollowLine } from "./follow-line.tsx";
import { clockDuration, dateAndTime, telephone, telephoneHref, type Zone } from "./format.ts";
import { tell } from "./sentence-facts.ts";
import { TONE } from "./tone.ts";

const Fact = (props: { readonly name: string; readonly value: string }) => (
  <div>
    <dt safe>{props.name}</dt>
    <dd safe>{props.value}</dd>
  </div>
);

/** The sentence, in which the number of the outside party can be dialled. */
const Sentence = (props: {
  readonly text: string;
  readonly phone: string | null;
  readonly zone: Zone;
}) => {
  const { text, phone, zone } = props;
  const href = phone === null ? undefined : telephoneHref(phone, zone);
  const number = telephone(phone ?? "", zone);
  const [before = "", ...after] = text.split(number);
  if (href === undefined || after.length === 0) return <span safe>{text}</span>;
  return (
    <>
      <span safe>{before}</span>
      <a href={href} safe>
        {number}
      </a>
      <span safe>{after.join(number)}</span>
    </>
  );
};

const lineOf = (id: string, { lines }: CallNames): string => {
  const name = lines.get(id);
  return name === undefined ? id : `${name} (${id})`;
};

const hungUpBy = (view: CallView, texts: Texts): string => {
  const { call } = view.assembled;
  if (call.hungUpBy === null) return "";
  if (call.hungUpBy === "pbx") return texts.hungUpByPbx;
  if (call.hungUpBy === call.phone && call.direction !== "internal") {
    return texts.hungUpBy(texts.customer);
  }
  const name = nameOfNumber(view)(call.hungUpBy);
  const number = telephone(call.hungUpBy, view.zone);
  return texts.hungUpBy(name === "" ? number : `${number} (${name})`);
};

/** The head of the page. */
export const Summary = (view: CallView): JSX.Element => {
  const { call } = view.assembled;
  const { names, zone } = view;
  const texts = textsOf(zone.lang);
  // Of a call of which one moment alone is known, no length is.
  const isMoment = call.direction === "unknown" && call.totalMs === 0;
  const shown = (ms: number | null, format: (ms: number) => string): string =>
    ms === null || isMoment ? "–" : format(ms);
  const status = texts.status(call.status, call.direction);
  const ended = hungUpBy(view, texts);
  const details: readonly (readonly [name: string, value: string])[] = [
    [texts.result, ended === "" ? status : `${status} · ${ended}`],
    [texts.startedAt, call.startedAt === null ? "" : dateAndTime(call.startedAt, zone)],
    [texts.line, call.trunk === null ? "" : lineOf(call.trunk, names)],
  ];
  return (
    <header class={`card summary edge-${TONE[call.status]}`}>
      <p class="state">
        <span class={`badge ${TONE[call.status]}`} safe>
          {status}
        </span>{" "}
        <span class="kind" safe>
          {texts.direction[call.direction]}
        </span>
      </p>
      <h1>
        <Sentence
          text={texts.sentence(tell(call, texts, zone, names))}
          phone={call.phone}
          zone={zone}
        />
      </h1>
      <FollowLine {...view} />
      <dl class="facts">
        <Fact name={texts.wait} value={shown(call.waitMs, texts.seconds)} />
        <Fact name={texts.talk} value={shown(call.talkMs, clockDuration)} />
        <Fact name={texts.total} value={shown(call.totalMs, clockDuration)} />
      </dl>
      <dl class="details">
        {details
          .filter(([, value]) => value !== "")
          .map(([name, value]) => (
            <Fact name={name} value={value} />
          ))}
      </dl>
    </header>
  );
};
