// What an invitation is, and what its keeper promises. The code that opens it is known to whoever was given the link and
// to nobody else: neither the store nor a list can tell it again.

/** Lets one chat into an enterprise, once. */
export type Invitation = {
  /** The enterprise's number. */
  readonly enterprise: string;
  /** For a group; else for one person. */
  readonly isGroup: boolean;
  /** Stored in place of the chat's name in Telegram; null: as Telegram has it. */
  readonly name: string | null;
  /** Both in milliseconds since the epoch. */
  readonly createdAt: number;
  readonly expiresAt: number;
};

/** The message that used an invitation. The same message may come twice, after a crash; it is let in both times. */
export type UsedBy = {
  /** Digits of the bot's token before the colon. */
  readonly botId: string;
  /** The bot's number for the message. */
  readonly updateId: number;
  readonly chatId: string;
};

export type FoundInvitation = {
  readonly invitation: Invitation;
  /** Undefined while it is open. */
  readonly usedBy: UsedBy | undefined;
};

/** Every method throws the system's error where the folder cannot be read or written. */
export type InvitationStore = {
  /** Opens an invitation; answers its code, 128 random bits as 32 characters that Telegram takes in a link. */
  create(invitation: Invitation): string;
  /** Those that are neither used nor expired, oldest first. */
  open(): readonly Invitation[];
  /** Open, used or expired; undefined where nothing is known of the code. */
  find(code: string): FoundInvitation | undefined;
  /** Marks it used; whether it is this message's now. Of two who try, one gets it. */
  claim(code: string, by: UsedBy): boolean;
  /** After `claim`, when the chat was let in. */
  finish(code: string): void;
  /** After `claim`, when the chat could not be let in: the invitation is open again. */
  giveBack(code: string): void;
  /** Ends an enterprise's open invitations; how many there were. */
  cancel(enterprise: string): number;
  removeExpired(): void;
  /** The bots (digits of their tokens) that have let somebody in, and must hear when somebody wants to leave. */
  bots(): readonly string[];
  addBot(botId: string): void;
};
