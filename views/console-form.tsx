// A form of the console: a label, what may be typed, and what is wrong with what was, at each field. It works without
// JavaScript, and what was typed stays.

import type { Children } from "@kitajs/html";
import { consoleTextsOf } from "../src/texts/index.ts";
import { ConsolePage, type ConsoleSession, FormToken } from "./console-frame.tsx";

export type FormField = {
  /** Its name in the form. */
  readonly name: string;
  /** `secret`: never filled in; `check`: `yes`, or nothing. */
  readonly kind: "text" | "secret" | "choice" | "check";
  readonly label: string;
  readonly hint: string;
  /** As it was typed, or is stored; empty for secrets. */
  readonly value: string;
  /** What was stored when the form was made: sent along. Undefined where it does not matter. */
  readonly was: string | undefined;
  readonly error: string | undefined;
  readonly choices?: readonly (readonly [value: string, label: string])[];
};

export type FormView = {
  readonly title: string;
  readonly lead: string;
  readonly button: string;
  readonly fields: readonly FormField[];
  /** Sent along unseen. */
  readonly hidden: { readonly [name: string]: string };
  /** What is wrong with no field of its own. */
  readonly error: string | undefined;
};

const describedBy = ({ name, hint, error }: FormField): string | undefined => {
  const ids = [
    ...(error === undefined ? [] : [`${name}-error`]),
    ...(hint === "" ? [] : [`${name}-hint`]),
  ];
  return ids.length === 0 ? undefined : ids.join(" ");
};

const Control = ({ field }: { readonly field: FormField }) => {
  const { name, kind, value, error, choices = [] } = field;
  const common = {
    name,
    id: name,
    "aria-describedby": describedBy(field),
    "aria-invalid": error === undefined ? undefined : ("true" as const),
  };
  if (kind === "choice") {
    return (
      <select {...common}>
        {choices.map(([choice, label]) => (
          <option value={choice} selected={choice === value} safe>
            {label}
          </option>
        ))}
      </select>
    );
  }
  const type = kind === "secret" ? "password" : "text";
  return (
    <input
      {...common}
      type={type}
      value={kind === "secret" ? undefined : value}
      autocomplete={kind === "secret" ? "new-password" : "off"}
    />
  );
};

const Field = ({ field }: { readonly field: FormField }) => {
  const { name, kind, label, hint, value, was, error } = field;
  if (kind === "check") {
    return (
      <label class="check">
        <input type="checkbox" name={name} value="yes" checked={value === "yes"} />{" "}
        <span safe>{label}</span>
      </label>
    );
  }
  return (
    <div class="field">
      <label for={name} safe>
        {label}
      </label>
      {error === undefined ? (
        ""
      ) : (
        <p id={`${name}-error`} class="wrong" safe>
          {error}
        </p>
      )}
      <Control field={field} />
      {hint === "" ? (
        ""
      ) : (
        <p id={`${name}-hint`} class="hint" safe>
          {hint}
        </p>
      )}
      {was === undefined ? "" : <input type="hidden" name={`was_${name}`} value={was} />}
    </div>
  );
};

/** A form as a document. */
export const ConsoleFormPage = (props: {
  readonly session: ConsoleSession;
  readonly form: FormView;
  /** Where it is sent. */
  readonly action: string;
  /** Where one goes without sending it. */
  readonly back: string;
  /** Beside the form. */
  readonly children?: Children;
}): JSX.Element => {
  const { session, form, action, back } = props;
  const { enterprise: words, forms } = consoleTextsOf(session.lang);
  const isWrong = form.error !== undefined || form.fields.some(({ error }) => error !== undefined);
  return (
    <ConsolePage session={session} title={form.title}>
      <section class="card">
        {isWrong ? (
          <p class="wrong" role="alert" safe>
            {form.error ?? forms.notTaken}
          </p>
        ) : (
          ""
        )}
        <p safe>{form.lead}</p>
        <form method="post" action={action}>
          <FormToken session={session} />
          {Object.entries(form.hidden).map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <div class="fields">
            {form.fields.map((field) => (
              <Field field={field} />
            ))}
          </div>
          <p class="acts">
            <button class="button primary" type="submit" safe>
              {form.button}
            </button>
            <a class="button" href={back} safe>
              {words.cancel}
            </a>
          </p>
        </form>
        {props.children as "safe"}
      </section>
    </ConsolePage>
  );
};
