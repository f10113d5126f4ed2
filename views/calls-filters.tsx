// The filters of the list as a form that works without JavaScript, and says what is wrong with what was typed.

import type { ListTexts } from "../src/texts/index.ts";
import { textsOf } from "../src/texts/index.ts";
import type { CallsView } from "./calls-view.ts";

const Choice = (props: {
  readonly name: "result" | "direction" | "follow";
  readonly label: string;
  readonly anyValue: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly chosen: string | undefined;
  readonly isWrong: boolean;
}) => (
  <label>
    <span safe>{props.label}</span>
    <select name={props.name} aria-invalid={props.isWrong ? "true" : undefined}>
      <option value="" safe>
        {props.anyValue}
      </option>
      {props.options.map(([value, text]) => (
        <option value={value} selected={value === props.chosen} safe>
          {text}
        </option>
      ))}
    </select>
  </label>
);

const Field = (props: {
  readonly name: "number" | "ext" | "day";
  readonly type: "text" | "date";
  readonly label: string;
  readonly placeholder?: string;
  readonly value: string | undefined;
  readonly isWrong: boolean;
}) => (
  <label>
    <span safe>{props.label}</span>
    <input
      type={props.type}
      name={props.name}
      value={props.value ?? ""}
      placeholder={props.placeholder}
      maxlength={props.type === "text" ? "64" : undefined}
      autocomplete="off"
      aria-invalid={props.isWrong ? "true" : undefined}
    />
  </label>
);

/** The form: a GET to the page itself, with what has to come along in hidden fields. */
export const Filters = ({
  view,
  words,
}: {
  readonly view: CallsView;
  readonly words: ListTexts;
}) => {
  const { filter, links, wrong, choices, zone } = view;
  const texts = textsOf(zone.lang);
  const isFiltered = Object.entries(filter).some(
    ([name, value]) => value !== "" && !(name === "day" && view.isDayFixed),
  );
  return (
    <search>
      <form class="card" method="get">
        {wrong.map((name) => (
          <p class="wrong" role="alert" safe>
            {name === "address" ? words.wrongAddress : words.wrong[name]}
          </p>
        ))}
        {links.hidden.map(({ name, value }) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <div class="filters">
          <Field
            {...{ name: "number", type: "text" }}
            label={words.field.number}
            placeholder={words.placeholder.number}
            value={filter.number}
            isWrong={wrong.includes("number")}
          />
          <Field
            {...{ name: "ext", type: "text" }}
            label={words.field.ext}
            placeholder={words.placeholder.ext}
            value={filter.ext}
            isWrong={wrong.includes("ext")}
          />
          <Choice
            name="result"
            label={words.field.result}
            anyValue={words.anyValue}
            options={choices.result.map((result) => [result, words.result[result]])}
            chosen={filter.result}
            isWrong={wrong.includes("result")}
          />
          <Choice
            name="direction"
            label={words.field.direction}
            anyValue={words.anyValue}
            options={choices.direction.map((way) => [way, texts.direction[way]])}
            chosen={filter.direction}
            isWrong={wrong.includes("direction")}
          />
          <Choice
            name="follow"
            label={words.field.follow}
            anyValue={words.anyValue}
            options={choices.follow.map((state) => [state, words.follow[state]])}
            chosen={filter.follow}
            isWrong={wrong.includes("follow")}
          />
          {view.isDayFixed ? (
            ""
          ) : (
            <Field
              {...{ name: "day", type: "date" }}
              label={words.field.day}
              value={filter.day}
              isWrong={wrong.includes("day")}
            />
          )}
          <div class="filter-buttons">
            <button type="submit" safe>
              {words.search}
            </button>
            {isFiltered ? (
              <a class="button" href={links.to({})} safe>
                {words.reset}
              </a>
            ) : (
              ""
            )}
          </div>
        </div>
      </form>
    </search>
  );
};
