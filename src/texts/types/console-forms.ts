// What the console's forms say, and what becomes of them. Plain text: the page makes it safe.

export type ConfirmTexts = {
  readonly title: string;
  readonly text: string;
  readonly button: string;
};

/** A field of a form. */
export type FieldTexts = {
  readonly label: string;
  /** What may be typed, and what nothing typed means. */
  readonly hint: string;
  /** Beside the field, where something else was typed. */
  readonly wrong: string;
};

type FormTexts = { readonly title: string; readonly lead: string; readonly button: string };

export type ConsoleFormsTexts = {
  /** Above a form that was not taken. */
  readonly notTaken: string;
  readonly needed: string;
  /** Somebody else was first. @param now the value that is stored; empty: none */
  readonly changedTo: (now: string) => string;

  readonly edit: FormTexts & {
    readonly name: FieldTexts;
    readonly country: FieldTexts;
    readonly remindAfter: FieldTexts;
    readonly hours: FieldTexts;
    readonly recordings: FieldTexts;
    readonly recordingsAll: string;
    readonly recordingsNone: string;
    /** The button of the enterprise's page. */
    readonly open: string;
  };
  readonly bot: FormTexts & {
    readonly token: FieldTexts;
    readonly movePeople: FieldTexts;
    readonly open: string;
    readonly remove: string;
    readonly askRemove: (enterprise: string) => ConfirmTexts;
    readonly changed: { readonly title: string; readonly text: string };
    /** Each before the people whom it concerns. */
    readonly lost: string;
    readonly onOldToken: string;
    readonly mustStart: string;
    readonly getNoCards: string;
    readonly more: (count: number) => string;
    readonly endedInvitations: (count: number) => string;
  };
  readonly person: FormTexts & {
    readonly titleOf: (person: string) => string;
    readonly open: string;
    readonly openOf: (person: string) => string;
    /** Under the fields where nothing typed means something. */
    readonly emptyAll: string;
    readonly emptyNone: string;
    readonly standardLang: string;
  };
  readonly add: FormTexts & {
    readonly open: string;
    readonly chat: FieldTexts;
    readonly firstName: FieldTexts;
    readonly lastName: FieldTexts;
    readonly email: FieldTexts;
  };
  readonly hook: FormTexts & {
    readonly url: FieldTexts;
    readonly secret: FieldTexts;
    readonly refused: string;
    readonly known: string;
    readonly added: { readonly title: string; readonly text: string };
    readonly back: { readonly title: string; readonly text: string };
  };
  readonly hooks: {
    readonly title: string;
    readonly none: string;
    readonly add: string;
    readonly target: string;
    readonly since: string;
    readonly state: string;
    readonly acts: string;
    readonly on: string;
    /** @param when in words */
    readonly gone: (when: string) => string;
    readonly test: string;
    readonly rotate: string;
    readonly remove: string;
    /** @param act as on its button */
    readonly actOf: (act: string, target: string) => string;
    readonly askRotate: (target: string) => ConfirmTexts;
    readonly askRemove: (target: string) => ConfirmTexts;
    readonly rotated: {
      readonly title: string;
      /** @param until when the secret before ends */
      readonly text: (until: string) => string;
    };
    readonly taken: string;
    readonly notTaken: string;
    /** @param answer the status, or why there was none */
    readonly answered: (target: string, answer: string) => string;
  };
};
