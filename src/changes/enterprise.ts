// What an operator changes of an enterprise. The command and the console both go by this table and these functions: no value
// is allowed in one that the other refuses.

import type { Enterprise } from "../domain/enterprise.ts";
import { isCountry } from "../domain/phone.ts";
import { WORKING_HOURS_RULE } from "../domain/working-hours.ts";
import type { TextRule } from "../lib/text-rule.ts";
import {
  botTokenRule,
  countryRule,
  type Directory,
  type EnterpriseChange,
  generateSecret,
  type InvitationStore,
  lineRule,
  remindAfterRule,
  secretRule,
  webhookTokenRule,
} from "../people/index.ts";
import { type AffectedPeople, affectedPeople, isSameBot, movePeople } from "./bot-change.ts";

/** What takes a name, a bot or the like away. */
const NONE = "none";
const orNone = (rule: TextRule): TextRule => ({
  allows: (text) => text === NONE || rule.allows(text),
  rule: `${rule.rule}; or ${NONE}`,
});
const given = (text: string): string | null => (text === NONE ? null : text);

const oneOf = (one: string, other: string): TextRule => ({
  allows: (text) => text === one || text === other,
  rule: `${one} or ${other}`,
});

/** A value of an enterprise as it is written and stored. */
type Field = {
  readonly rule: TextRule;
  readonly change: (text: string) => EnterpriseChange;
};

/** In the order in which they are told. */
const FIELDS = {
  name: { rule: orNone(lineRule), change: (text) => ({ name: given(text) }) },
  "webhook-token": { rule: webhookTokenRule, change: (text) => ({ webhookToken: text }) },
  secret: { rule: secretRule, change: (text) => ({ secret: text }) },
  "bot-token": { rule: orNone(botTokenRule), change: (text) => ({ botToken: given(text) }) },
  active: { rule: oneOf("yes", "no"), change: (text) => ({ active: text === "yes" }) },
  country: {
    rule: orNone(countryRule),
    change: (text) => ({ country: isCountry(text) ? text : null }),
  },
  "remind-after": {
    rule: orNone(remindAfterRule),
    change: (text) => ({ remindAfter: given(text) }),
  },
  hours: { rule: orNone(WORKING_HOURS_RULE), change: (text) => ({ hours: given(text) }) },
  recordings: {
    rule: oneOf("none", "all"),
    change: (text) => ({ recordings: text === "none" ? "none" : null }),
  },
} satisfies { readonly [name: string]: Field };

/** Called as the flag of `calllog enterprise set` is. */
export type EnterpriseField = keyof typeof FIELDS;
export const ENTERPRISE_FIELDS = Object.keys(FIELDS) as readonly EnterpriseField[];

/** What a value may be, as it is written; `none` takes it away where the rule says so. */
export const enterpriseRule = (field: EnterpriseField): TextRule => FIELDS[field].rule;

/** The change that values make; what is not there stays. They must be such as the rules allow. */
export const enterpriseChange = (
  texts: {
    readonly [Field in EnterpriseField]?: string | undefined;
  },
): EnterpriseChange =>
  Object.assign(
    {},
    ...ENTERPRISE_FIELDS.map((field) => {
      const text = texts[field];
      return text === undefined ? {} : FIELDS[field].change(text);
    }),
  ) as EnterpriseChange;

/** The values that a form shows and takes: none of them opens anything. */
export type OpenEnterpriseField = Exclude<
  EnterpriseField,
  "webhook-token" | "secret" | "bot-token" | "active"
>;

/** As it is written where it is changed; `none` where there is none. */
export const enterpriseText = (enterprise: Enterprise, field: OpenEnterpriseField): string => {
  if (field === "recordings") return enterprise.recordings ?? "all";
  const value = field === "remind-after" ? enterprise.remindAfter : enterprise[field];
  return value ?? NONE;
};

/** What became of the people and the invitations. */
export type EnterpriseChanged = {
  /** Its people, by what a new bot does to them; undefined where the bot's token is what it was. */
  readonly affected:
    | (AffectedPeople & { readonly enterprise: Enterprise; readonly next: string | null })
    | undefined;
  /** Open invitations that led to the bot before. */
  readonly endedInvitations: number;
};

/** The directory and the invitations that it is done with. */
export type EnterpriseWorld = {
  readonly directory: Pick<
    Directory,
    "enterpriseByNumber" | "users" | "changeEnterprise" | "addUser" | "removeUser"
  >;
  readonly invitations: Pick<InvitationStore, "cancel">;
};

/** Who is affected by a new bot; those on the old token are moved first where that is wanted. */
const changeBot = async (
  { directory }: EnterpriseWorld,
  enterprise: Enterprise,
  next: string | null,
  movesPeople: boolean,
): Promise<EnterpriseChanged["affected"]> => {
  const affected = affectedPeople(enterprise, await directory.users(), next);
  if (movesPeople) await movePeople(directory, enterprise, affected);
  const left = movesPeople ? affectedPeople(enterprise, await directory.users(), next) : affected;
  return { ...left, enterprise, next };
};

/**
 * Changes an enterprise. Another bot ends the invitations that led to the one before.
 *
 * @param movesPeople with a bot's token: who is known by the token before stays, by the enterprise's number
 * @throws DirectoryError where there is no such enterprise, or a value may not be stored
 */
export const setEnterprise = async (
  world: EnterpriseWorld,
  number: string,
  change: EnterpriseChange,
  movesPeople = false,
): Promise<EnterpriseChanged> => {
  const { directory, invitations } = world;
  const { botToken: next } = change;
  const before = next === undefined ? undefined : await directory.enterpriseByNumber(number);
  const old = before?.botToken ?? null;
  const affected =
    before === undefined || next === undefined || next === old
      ? undefined
      : await changeBot(world, before, next, movesPeople);
  await directory.changeEnterprise(number, change);
  const isOtherBot = affected !== undefined && old !== null && !isSameBot(old, affected.next);
  return { affected, endedInvitations: isOtherBot ? invitations.cancel(number) : 0 };
};

/** Gives an enterprise a new secret and answers it: nobody can be told it again. @throws DirectoryError */
export const rotateSecret = async (
  directory: Pick<Directory, "changeEnterprise">,
  number: string,
): Promise<string> => {
  const secret = generateSecret();
  await directory.changeEnterprise(number, { secret });
  return secret;
};
