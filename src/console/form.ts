// What was typed into a form, judged: what is changed, and what is wrong. Pure. A field that nobody touched changes nothing,
// whatever became of its value meanwhile; one that two have changed is asked about again.

import type { FormField } from "../../views/console-form.tsx";
import type { TextRule } from "../lib/text-rule.ts";
import type { ConsoleFormsTexts, FieldTexts } from "../texts/index.ts";

/** A field as a form asks for it. Values are as the command line writes them. */
export type FieldSpec = Pick<FormField, "name" | "kind" | "choices"> & {
  readonly texts: FieldTexts;
  readonly rule: TextRule;
  /** What is stored; undefined where nothing is, or where it is not shown: then nothing typed changes nothing. */
  readonly stored?: string | undefined;
  /** What nothing typed means, such as `none`. */
  readonly empty?: string | undefined;
  readonly isNeeded?: boolean;
};

/** The values that are to be changed, by the fields' names. */
export type FormChanges = { readonly [name: string]: string };

const shownOf = ({ stored, empty }: FieldSpec): string =>
  stored === undefined || stored === empty ? "" : stored;

/** A field as it is when its form is opened. */
export const openField = (spec: FieldSpec): FormField => ({
  name: spec.name,
  kind: spec.kind,
  label: spec.texts.label,
  hint: spec.texts.hint,
  value: spec.kind === "secret" ? "" : shownOf(spec),
  was: spec.stored === undefined ? undefined : shownOf(spec),
  error: undefined,
  ...(spec.choices === undefined ? {} : { choices: spec.choices }),
});

type Judged = { readonly field: FormField; readonly change: string | undefined };

const judgeField = (spec: FieldSpec, form: URLSearchParams, texts: ConsoleFormsTexts): Judged => {
  const opened = openField(spec);
  const was = form.get(`was_${spec.name}`) ?? opened.was ?? "";
  const sent = form.get(spec.name) ?? was;
  const typed = sent.trim();
  const refill = spec.kind === "secret" ? "" : typed;
  const wrong = (error: string): Judged => ({
    field: { ...opened, value: refill, error },
    change: undefined,
  });
  if (typed === "" && spec.isNeeded === true) return wrong(texts.needed);
  if (sent === was) return { field: opened, change: undefined };
  const value = typed === "" ? (spec.empty ?? "") : typed;
  if (value === "" || !spec.rule.allows(value)) return wrong(spec.texts.wrong);
  const isChangedMeanwhile =
    opened.was !== undefined && opened.was !== was && opened.was.trim() !== typed;
  if (isChangedMeanwhile) return wrong(texts.changedTo(opened.was));
  const field = { ...opened, value: refill };
  return { field, change: value === spec.stored ? undefined : value };
};

/** Judges a form. Where a field has an error nothing is to be changed; the fields are as the form shows them again. */
export const judgeForm = (
  specs: readonly FieldSpec[],
  form: URLSearchParams,
  texts: ConsoleFormsTexts,
): {
  readonly fields: readonly FormField[];
  readonly changes: FormChanges;
  readonly isWrong: boolean;
} => {
  const judged = specs.map((spec) => judgeField(spec, form, texts));
  return {
    fields: judged.map(({ field }) => field),
    changes: Object.fromEntries(
      judged.flatMap(({ field, change }) => (change === undefined ? [] : [[field.name, change]])),
    ),
    isWrong: judged.some(({ field }) => field.error !== undefined),
  };
};
