// What the operator's console says. Plain text: the page makes it safe.

import type { ConsoleProblem, ConsoleRefusal } from "../../domain/console.ts";
import type { ConsoleFaultsTexts } from "./console-faults.ts";
import type { ConfirmTexts, ConsoleFormsTexts } from "./console-forms.ts";

export type ConsoleTexts = {
  readonly title: string;
  readonly nav: {
    readonly label: string;
    readonly enterprises: string;
    readonly search: string;
    readonly health: string;
  };
  /** @param by the user of the machine who made the link */
  readonly signedIn: (by: string) => string;
  readonly logOut: string;
  readonly begin: {
    readonly title: string;
    /** @param hours how long the session lasts */
    readonly text: (by: string, hours: number) => string;
    readonly button: string;
  };
  readonly refusal: {
    readonly [refusal in ConsoleRefusal]: { readonly title: string; readonly text: string };
  };
  readonly columns: {
    readonly enterprise: string;
    readonly calls: string;
    readonly missed: string;
    readonly open: string;
    readonly last: string;
    readonly bot: string;
    readonly people: string;
    readonly look: string;
  };
  /** @param day today in words */
  readonly enterprises: (day: string) => string;
  readonly none: string;
  /** How many of them need a look. */
  readonly needLook: (count: number) => string;
  readonly allWell: string;
  readonly problem: { readonly [problem in ConsoleProblem]: string };
  readonly fine: string;
  readonly off: string;
  readonly hasBot: string;
  readonly noBot: string;
  readonly noCalls: string;
  /** Days are read for the first time. */
  readonly counting: string;
  readonly list: string;
  /** @param enterprise its name, or its number */
  readonly listOf: (enterprise: string) => string;
  readonly unknown: string;
  readonly enterprise: EnterpriseTexts;
  readonly faults: ConsoleFaultsTexts;
  readonly forms: ConsoleFormsTexts;
  readonly search: {
    readonly title: string;
    readonly field: string;
    readonly hint: string;
    readonly button: string;
    /** @param digits how many are needed */
    readonly tooShort: (digits: number) => string;
    readonly found: (count: number) => string;
    readonly none: string;
    readonly more: string;
    readonly time: string;
    readonly enterprise: string;
    readonly phone: string;
    readonly staff: string;
    readonly result: string;
    readonly open: string;
    readonly hidden: string;
  };
  readonly health: {
    readonly title: string;
    readonly status: { readonly [status in "ok" | "degraded" | "failing"]: string };
    readonly noReasons: string;
    readonly version: string;
    readonly uptime: string;
    readonly disk: string;
    readonly calls: string;
    readonly waitingChats: string;
    readonly livePages: string;
    readonly figures: string;
    readonly more: string;
  };
};

/** The page of one enterprise. */
export type EnterpriseTexts = {
  readonly facts: string;
  readonly number: string;
  readonly name: string;
  readonly active: string;
  readonly yes: string;
  readonly no: string;
  readonly country: string;
  readonly remindAfter: string;
  readonly hours: string;
  readonly recordings: string;
  readonly recordingsNone: string;
  readonly bot: string;
  /** As the settings of the service say. */
  readonly standard: string;
  readonly calls: string;
  readonly openList: string;
  readonly people: string;
  readonly nobody: string;
  readonly person: string;
  readonly chat: string;
  readonly preferences: string;
  readonly standardPreferences: string;
  /** Known by his bot alone. */
  readonly byBot: string;
  readonly remove: string;
  /** @param person by name */
  readonly removeOf: (person: string) => string;
  readonly invitations: string;
  readonly noInvitations: string;
  /** @param until when it ends, in words */
  readonly openInvitation: (name: string | null, isGroup: boolean, until: string) => string;
  readonly inviteName: string;
  readonly inviteGroup: string;
  readonly inviteDays: string;
  readonly invite: string;
  readonly uninvite: string;
  readonly secret: string;
  readonly secretText: string;
  readonly rotate: string;
  readonly switchOff: string;
  readonly switchOn: string;
  readonly access: string;
  readonly back: string;
  readonly cancel: string;
  /** What is asked before something is changed for good. */
  readonly ask: {
    readonly rotate: (enterprise: string) => ConfirmTexts;
    readonly uninvite: (enterprise: string, count: number) => ConfirmTexts;
    readonly remove: (enterprise: string, person: string) => ConfirmTexts;
    readonly off: (enterprise: string) => ConfirmTexts;
    readonly on: (enterprise: string) => ConfirmTexts;
  };
  readonly newSecret: { readonly title: string; readonly text: string };
  readonly newInvitation: {
    readonly title: string;
    readonly text: (isGroup: boolean, until: string) => string;
  };
  /** Somebody else was first. */
  readonly changedMeanwhile: string;
  readonly wrongName: string;
  readonly notDone: string;
};
