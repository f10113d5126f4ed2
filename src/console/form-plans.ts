// The forms of an enterprise: what each asks for, and what is done with it. Every change is the function that the command does
// it by, and told to the audit as the command's is.

import { personName } from "../../views/console-enterprise.tsx";
import type { FormView } from "../../views/console-form.tsx";
import {
  addHook,
  addPerson,
  type EnterpriseChanged,
  type EnterpriseField,
  enterpriseChange,
  enterpriseRule,
  enterpriseText,
  HookError,
  type OpenEnterpriseField,
  PERSON_RULES,
  preferencesOf,
  setEnterprise,
  setPreferences,
} from "../changes/index.ts";
import {
  CARD_CHOICES,
  type ChatPreferences,
  DEFAULT_PREFERENCES,
  PREFERENCE_NAMES,
  type PreferenceName,
  preferenceRule,
  preferenceText,
} from "../domain/chat-preferences.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import {
  type Hook,
  type HookStore,
  hookSecretRule,
  hookUrlRule,
  shownTarget,
} from "../hooks/index.ts";
import type { Network } from "../lib/addresses.ts";
import type { TextRule } from "../lib/text-rule.ts";
import { botTokenRule, type Directory, type InvitationStore } from "../people/index.ts";
import { consoleTextsOf, settingsTextsOf } from "../texts/index.ts";
import { nameOf } from "./affected.ts";
import type { FieldSpec, FormChanges } from "./form.ts";
import { markOf, type Visit } from "./visit.ts";

/** The forms of an enterprise, by the word in their address. */
export const FORM_ACTS = ["edit", "bot", "person", "add", "hook"] as const;
export type FormAct = (typeof FORM_ACTS)[number];
export const isFormAct = (text: string): text is FormAct =>
  (FORM_ACTS as readonly string[]).includes(text);

/** What is said after a form: nothing where the enterprise's page shows it. */
export type Outcome =
  | { readonly kind: "saved" }
  | { readonly kind: "bot"; readonly changed: EnterpriseChanged }
  | { readonly kind: "hook"; readonly hook: Hook; readonly isBack: boolean };

/** Something about one field that only doing it tells. */
export class FieldFault extends Error {
  readonly field: string;

  constructor(field: string, told: string) {
    super(told);
    this.field = field;
  }
}

export type FormPlan = Omit<FormView, "fields" | "error"> & {
  readonly specs: readonly FieldSpec[];
  /** What the audit is told, with the names of what changes. */
  readonly audit: (changes: FormChanges) => { readonly what: string; readonly about?: string };
  /** @throws FieldFault; DirectoryError */
  readonly save: (changes: FormChanges) => Promise<Outcome>;
};

export type FormWorld = {
  readonly directory: Pick<
    Directory,
    | "enterpriseByNumber"
    | "users"
    | "usersOf"
    | "chatPreferences"
    | "changeEnterprise"
    | "addUser"
    | "removeUser"
    | "setChatPreferences"
  >;
  readonly invitations: Pick<InvitationStore, "cancel">;
  readonly hooks: HookStore;
  /** `--hook-allow-private`. */
  readonly hookAllowed: readonly Network[];
};

type Asked = {
  readonly visit: Visit;
  readonly enterprise: Enterprise;
  readonly world: FormWorld;
  /** The address's query, or the form that was sent. */
  readonly given: URLSearchParams;
};

/** A form's names are those of the command's flags. */
const OPEN_FIELDS = [
  "name",
  "country",
  "remind-after",
  "hours",
  "recordings",
] as const satisfies readonly OpenEnterpriseField[];

const editPlan = ({ visit, enterprise, world }: Asked): FormPlan => {
  const { edit } = consoleTextsOf(visit.lang).forms;
  const choices = [
    ["all", edit.recordingsAll],
    ["none", edit.recordingsNone],
  ] as const;
  const spec = (name: (typeof OPEN_FIELDS)[number]): FieldSpec => ({
    name,
    kind: name === "recordings" ? "choice" : "text",
    texts: edit[name === "remind-after" ? "remindAfter" : name],
    rule: enterpriseRule(name),
    stored: enterpriseText(enterprise, name),
    ...(name === "recordings" ? { choices } : { empty: "none" }),
  });
  return {
    ...edit,
    hidden: {},
    specs: OPEN_FIELDS.map(spec),
    audit: (changes) => ({ what: "enterprise-set", about: Object.keys(changes).join(", ") }),
    save: async (changes: { readonly [Field in EnterpriseField]?: string }) => {
      await setEnterprise(world, enterprise.number, enterpriseChange(changes));
      return { kind: "saved" };
    },
  };
};

const YES: TextRule = { allows: (text) => text === "yes", rule: "yes" };

/** Tells that the bot is still the one that the form was made for, without telling its token. */
export const botMark = (visit: Visit, { botToken }: Enterprise): string =>
  markOf(visit, `bot ${botToken ?? ""}`);

const botPlan = ({ visit, enterprise, world }: Asked): FormPlan => {
  const { bot } = consoleTextsOf(visit.lang).forms;
  return {
    ...bot,
    hidden: { mark: botMark(visit, enterprise) },
    specs: [
      { name: "token", kind: "secret", texts: bot.token, rule: botTokenRule, isNeeded: true },
      { name: "move", kind: "check", texts: bot.movePeople, rule: YES },
    ],
    audit: () => ({ what: "enterprise-set", about: "bot-token" }),
    save: async ({ token, move }) => {
      const change = enterpriseChange({ "bot-token": token });
      const changed = await setEnterprise(world, enterprise.number, change, move === "yes");
      return { kind: "bot", changed };
    },
  };
};

const choicesOf = (
  name: PreferenceName,
  visit: Visit,
): readonly (readonly [string, string])[] | undefined => {
  const texts = settingsTextsOf(visit.lang);
  if (name === "cards") return CARD_CHOICES.map((choice) => [choice, texts.cards[choice]]);
  if (name === "numbers") {
    return (["full", "masked"] as const).map((how) => [how, texts.numbers[how]]);
  }
  if (name !== "lang") return undefined;
  const { standardLang } = consoleTextsOf(visit.lang).forms.person;
  return [
    ["default", standardLang],
    ["ru", texts.langs.ru],
    ["en", texts.langs.en],
  ];
};

const preferenceSpec = (
  name: PreferenceName,
  preferences: ChatPreferences,
  visit: Visit,
): FieldSpec => {
  const texts = settingsTextsOf(visit.lang);
  const { person } = consoleTextsOf(visit.lang).forms;
  const choices = choicesOf(name, visit);
  const rule = `${texts.rules[name].charAt(0).toUpperCase()}${texts.rules[name].slice(1)}.`;
  const empty = name === "extensions" ? person.emptyAll : person.emptyNone;
  return {
    name,
    kind: choices === undefined ? "text" : "choice",
    texts: {
      label: texts.names[name],
      hint: choices === undefined ? `${rule} ${empty}` : "",
      wrong: rule,
    },
    rule: preferenceRule(name),
    stored: preferenceText(preferences, name),
    ...(choices === undefined ? { empty: preferenceText(DEFAULT_PREFERENCES, name) } : { choices }),
  };
};

const personPlan = async (asked: Asked): Promise<FormPlan | undefined> => {
  const { visit, enterprise, world, given } = asked;
  const { number: enterpriseNumber } = enterprise;
  const { directory } = world;
  const chatId = given.get("chat") ?? "";
  const user = (await directory.usersOf(enterprise)).find((one) => one.chatId === chatId);
  if (user === undefined) return undefined;
  const preferences = await preferencesOf(directory, chatId, enterpriseNumber);
  const { person } = consoleTextsOf(visit.lang).forms;
  return {
    ...person,
    title: person.titleOf(personName({ name: nameOf(user), chatId })),
    hidden: { chat: chatId },
    specs: PREFERENCE_NAMES.map((one) => preferenceSpec(one, preferences, visit)),
    audit: () => ({ what: "user-set", about: chatId }),
    save: async (changes) => {
      await setPreferences(directory, { chatId, enterpriseNumber }, changes);
      return { kind: "saved" };
    },
  };
};

const addPlan = ({ visit, enterprise, world }: Asked): FormPlan => {
  const { add } = consoleTextsOf(visit.lang).forms;
  const spec = (name: string, rule: TextRule, texts: FieldSpec["texts"]): FieldSpec => ({
    name,
    kind: "text",
    texts,
    rule,
  });
  return {
    ...add,
    hidden: {},
    specs: [
      { ...spec("chat", PERSON_RULES.chatId, add.chat), isNeeded: true },
      spec("first-name", PERSON_RULES.firstName, add.firstName),
      spec("last-name", PERSON_RULES.lastName, add.lastName),
      spec("email", PERSON_RULES.email, add.email),
    ],
    audit: ({ chat = "" }) => ({ what: "user-add", about: chat }),
    save: async (changes) => {
      await addPerson(world.directory, enterprise.number, {
        chatId: changes["chat"] ?? "",
        firstName: changes["first-name"],
        lastName: changes["last-name"],
        email: changes["email"],
      });
      return { kind: "saved" };
    },
  };
};

const hookPlan = ({ visit, enterprise, world }: Asked): FormPlan => {
  const { hook } = consoleTextsOf(visit.lang).forms;
  const { directory, hooks, hookAllowed: allowed } = world;
  return {
    ...hook,
    hidden: {},
    specs: [
      { name: "url", kind: "text", texts: hook.url, rule: hookUrlRule, isNeeded: true },
      { name: "secret", kind: "secret", texts: hook.secret, rule: hookSecretRule },
    ],
    audit: ({ url = "" }) => ({ what: "hook-add", about: shownTarget(url) }),
    save: async ({ url = "", secret }) => {
      const wish = { enterprise: enterprise.number, url, secret };
      try {
        return { kind: "hook", ...(await addHook({ hooks, directory, allowed }, wish)) };
      } catch (error) {
        if (!(error instanceof HookError) || error.code === "missing") throw error;
        throw new FieldFault("url", error.code === "known" ? hook.known : hook.refused);
      }
    },
  };
};

const PLANS: {
  readonly [act in FormAct]: (asked: Asked) => FormPlan | Promise<FormPlan | undefined>;
} = { edit: editPlan, bot: botPlan, person: personPlan, add: addPlan, hook: hookPlan };

/** A form as it is now; undefined where there is no such person. */
export const planOf = async (act: FormAct, asked: Asked): Promise<FormPlan | undefined> =>
  PLANS[act](asked);
