// The console's forms over HTTP: shown with what is stored, shown again with what was typed where something is wrong, and
// done once.

import { ToldPage } from "../../views/console-confirm.tsx";
import { ConsoleFormPage, type FormField } from "../../views/console-form.tsx";
import { enterpriseHref } from "../../views/console-hrefs.ts";
import { type Audit, audited } from "../changes/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { secretsEqual } from "../lib/timing-safe.ts";
import { DirectoryError } from "../people/index.ts";
import { consoleTextsOf } from "../texts/index.ts";
import { affectedLines } from "./affected.ts";
import { documentOf, seeOther } from "./answers.ts";
import { judgeForm, openField } from "./form.ts";
import {
  botMark,
  FieldFault,
  type FormAct,
  type FormPlan,
  type FormWorld,
  type Outcome,
  planOf,
} from "./form-plans.ts";
import type { Visit } from "./visit.ts";

export type FormDeskOptions = FormWorld & { readonly audit: Audit };

/** A form that was not taken (RFC 9110, 422), or that somebody was before with. */
const [WRONG, CONFLICT] = [422, 409];

type Faults = {
  readonly fields: readonly FormField[];
  readonly error?: string;
  readonly status: number;
};

export class FormDesk {
  readonly #options: FormDeskOptions;

  constructor(options: FormDeskOptions) {
    this.#options = options;
  }

  /** The form; undefined where there is no such person. */
  async show(
    visit: Visit,
    enterprise: Enterprise,
    act: FormAct,
    given: URLSearchParams,
  ): Promise<Response | undefined> {
    const plan = await planOf(act, { visit, enterprise, given, world: this.#options });
    if (plan === undefined) return undefined;
    const fields = plan.specs.map(openField);
    return this.#page(visit, enterprise, { act, plan }, { fields, status: 200 });
  }

  /** Does what the form asks; undefined where there is no such person. */
  async act(
    visit: Visit,
    enterprise: Enterprise,
    act: FormAct,
    form: URLSearchParams,
  ): Promise<Response | undefined> {
    const plan = await planOf(act, { visit, enterprise, given: form, world: this.#options });
    if (plan === undefined) return undefined;
    const again = (faults: Faults): Response =>
      this.#page(visit, enterprise, { act, plan }, faults);
    const { forms, enterprise: words } = consoleTextsOf(visit.lang);
    const { fields, changes, isWrong } = judgeForm(plan.specs, form, forms);
    if (isWrong) return again({ fields, status: WRONG });
    if (act === "bot" && !secretsEqual(form.get("mark") ?? "", botMark(visit, enterprise))) {
      return again({ fields, error: words.changedMeanwhile, status: CONFLICT });
    }
    const { number } = enterprise;
    if (Object.keys(changes).length === 0) return seeOther(enterpriseHref(number));
    const { what, about } = plan.audit(changes);
    const entry = { who: visit.by, from: visit.from, what, enterprise: number, about };
    try {
      const outcome = await audited(this.#options.audit, entry, () => plan.save(changes));
      return this.#told(visit, number, outcome);
    } catch (error) {
      if (error instanceof FieldFault) {
        const marked = fields.map((field) =>
          field.name === error.field ? { ...field, error: error.message } : field,
        );
        return again({ fields: marked, status: WRONG });
      }
      if (!(error instanceof DirectoryError)) throw error;
      return again({ fields, error: error.message, status: CONFLICT });
    }
  }

  #page(
    visit: Visit,
    { number }: Enterprise,
    { act, plan }: { readonly act: FormAct; readonly plan: FormPlan },
    { fields, error, status }: Faults,
  ): Response {
    const back = enterpriseHref(number);
    const { title, lead, button, hidden } = plan;
    const form = { title, lead, button, hidden, fields, error };
    const page = { session: visit, form, action: `${back}/${act}`, back };
    return documentOf(<ConsoleFormPage {...page} />, status);
  }

  #told(visit: Visit, number: string, outcome: Outcome): Response {
    if (outcome.kind === "saved") return seeOther(enterpriseHref(number));
    const { bot, hook: words } = consoleTextsOf(visit.lang).forms;
    const common = { session: visit, number };
    if (outcome.kind === "bot") {
      const lines = affectedLines(outcome.changed, bot);
      return documentOf(<ToldPage {...common} {...bot.changed} lines={lines} />);
    }
    const { hook, isBack } = outcome;
    const told = isBack ? words.back : { ...words.added, shownOnce: hook.secret };
    return documentOf(<ToldPage {...common} {...told} />);
  }
}
