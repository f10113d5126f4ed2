// What an operator changes, by a command or in the console, and the audit of it: the face.

export { type Audit, type AuditEntry, openAudit } from "./audit.ts";
export { audited } from "./audited.ts";
export type { AffectedPeople } from "./bot-change.ts";
export {
  ENTERPRISE_FIELDS,
  type EnterpriseChanged,
  type EnterpriseField,
  enterpriseChange,
  enterpriseRule,
  enterpriseText,
  type OpenEnterpriseField,
  rotateSecret,
  setEnterprise,
} from "./enterprise.ts";
export {
  addHook,
  HookError,
  type HookTested,
  hooksOf,
  removeHook,
  rotateHook,
  testHook,
} from "./hooks.ts";
export { type InvitationWish, makeInvitation } from "./invite.ts";
export { addPerson, PERSON_RULES, preferencesOf, setPreferences } from "./people.ts";
