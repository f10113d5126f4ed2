// Who took part: number, name, role, and what each did. A number that can be dialled is a link.

import type { Call, Participant, Span } from "../src/call/index.ts";
import { type Texts, textsOf } from "../src/texts/index.ts";
import { type CallView, nameOfNumber, shownNumber } from "./call-view.ts";
import { clockDuration, telephoneHref, type Zone } from "./format.ts";

const PhoneNumber = (props: {
  readonly number: string | null;
  readonly texts: Texts;
  readonly zone: Zone;
}) => {
  const { number, texts, zone } = props;
  const href = number === null ? undefined : telephoneHref(number, zone);
  const shown = shownNumber(number, texts, zone);
  return href === undefined ? (
    <b class="number" safe>
      {shown}
    </b>
  ) : (
    <a class="number" href={href}>
      <b safe>{shown}</b>
    </a>
  );
};

const spent = (spans: readonly Span[], now: number): number =>
  spans.reduce((sum, span) => sum + Math.max(0, (span.to ?? now) - span.from), 0);

/** How a transfer brought them in; "" for those who came otherwise. */
const transferOf = ({ transfers }: Call, { number }: Participant, texts: Texts): string => {
  if (number === null) return "";
  const taken = transfers.filter(({ to, completed }) => completed && to === number);
  if (taken.length > 0) {
    return texts.transferFrom([...new Set(taken.map(({ from }) => from))].join(", "));
  }
  const isTried = transfers.some(
    ({ to, completed }) => !completed && to.split("&").includes(number),
  );
  return isTried ? texts.transferUntaken : "";
};

const Person = (props: {
  readonly person: Participant;
  /** Empty where it is not known. */
  readonly name: string;
  readonly call: Call;
  readonly texts: Texts;
  readonly zone: Zone;
  readonly now: number;
}) => {
  const { person, name, call, texts, zone, now } = props;
  const transfer = transferOf(call, person, texts);
  const rang =
    person.ringing.length === 0 ? "" : `${texts.rang} ${texts.seconds(spent(person.ringing, now))}`;
  const facts = [
    // What a callee is, its ringing or the transfer says already.
    person.role === "callee" && `${rang}${transfer}` !== "" ? "" : texts.role[person.role],
    transfer,
    rang,
    person.talking.length > 0
      ? `${texts.talked} ${clockDuration(spent(person.talking, now))}`
      : person.role === "callee"
        ? texts.notTalked
        : "",
    person.holding.length > 0 ? `${texts.held} ${clockDuration(spent(person.holding, now))}` : "",
  ];
  return (
    <li class={person.talking.length > 0 ? "talked" : ""}>
      <PhoneNumber number={person.number} texts={texts} zone={zone} />
      {name === "" ? "" : <b safe>{name}</b>}
      <span class="did" safe>
        {facts.filter((fact) => fact !== "").join(" · ")}
      </span>
    </li>
  );
};

/** A side of which nothing at all was seen. */
const isNobody = (call: Call, { number, talking, ringing }: Participant): boolean =>
  call.direction === "unknown" && number === null && talking.length + ringing.length === 0;

/** Nothing where nobody is known to have taken part. */
export const People = (view: CallView): JSX.Element => {
  const { call } = view.assembled;
  const texts = textsOf(view.zone.lang);
  const nameOf = nameOfNumber(view);
  const people = call.participants.filter((person) => !isNobody(call, person));
  if (people.length === 0) return "" as JSX.Element;
  return (
    <section class="card" aria-labelledby="people-title">
      <h2 id="people-title" safe>
        {texts.participants}
      </h2>
      <ul class="people">
        {people.map((person) => (
          <Person
            zone={view.zone}
            person={person}
            name={nameOf(person.number ?? "")}
            call={call}
            texts={texts}
            now={view.now}
          />
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
