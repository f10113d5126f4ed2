// What whoever runs the service is told: what is the matter and what to do.

export type OperatorTexts = {
  /** `22.11 18:30` or `2026-11-22 18:30`. @param stamp `2026-11-22 18:30:05` */
  readonly time: (stamp: string) => string;
  /** @param gib in GiB with one decimal, or undefined where it is less than one; then in whole MiB */
  readonly room: (gib: string | undefined, mib: string) => string;
  readonly silent: (who: string, since: string) => string;
  readonly silentOver: (who: string, since: string) => string;
  /** @param first one of the enterprises, for the command that sets the token */
  readonly bot: (botId: string, enterprises: string, first: string) => string;
  readonly botOver: (botId: string, enterprises: string) => string;
  /** @param hours whole hours until the disk is full; 0 where it is full or about to be */
  readonly disk: (hours: number, room: string) => string;
  readonly diskOver: string;
  /** @param days finished days that should be in the archive by now */
  readonly archive: (days: number) => string;
  readonly archiveOver: string;
  /** An outgoing webhook whose target is gone for good. @param hook its id */
  readonly hook: (hook: string, target: string, enterprise: string) => string;
  readonly hookOver: (hook: string, target: string) => string;
  readonly more: (count: number) => string;
};
