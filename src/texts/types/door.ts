// What people who open an invitation, or leave, are told. Plain text: the caller makes it safe.

export type DoorTexts = {
  /** @param enterprise its name, or its number */
  readonly joined: (enterprise: string) => string;
  readonly already: (enterprises: string) => string;
  readonly used: string;
  readonly expired: string;
  readonly unknown: string;
  /** Somebody pressed Start without an invitation. */
  readonly stranger: (chatId: string) => string;
  readonly left: (enterprises: string) => string;
  readonly notThere: string;
  /** Something of ours failed. */
  readonly later: string;
};
