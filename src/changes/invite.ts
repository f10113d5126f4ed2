// Making an invitation: the same for the command line and the console. The link is told once and kept nowhere.

import type { MessengerFailure } from "../cards/index.ts";
import { createBot } from "../channels/telegram/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import type { Clock } from "../lib/clock.ts";
import type { Result } from "../lib/result.ts";
import { systemScheduler } from "../lib/scheduler.ts";
import { openInvitations } from "../people/invitations/index.ts";

/** The value, or the failure as one line with what to do. */
const mustAsk = <T>(answer: Result<T, MessengerFailure>, { number }: Enterprise): T => {
  if (answer.ok) return answer.value;
  const { error } = answer;
  const what = `cannot invite into enterprise ${number}`;
  if (error.kind === "refused" && error.why === "bot-token") {
    throw new Error(
      `${what}: Telegram does not know its bot's token (revoked?); take the right one from @BotFather: calllog enterprise set ${number} --bot-token TOKEN`,
    );
  }
  if (error.kind === "limited") {
    throw new Error(
      `${what}: Telegram asks to wait ${error.retryAfterMs / 1000} s; try again then`,
    );
  }
  const reason = "reason" in error ? error.reason : error.kind;
  throw new Error(
    `${what}: Telegram cannot be asked (${reason}); see that this machine reaches --telegram-api-root, then try again`,
  );
};

/** The token of the bot that people can be invited by. @throws Error, in one line with what to do. */
const invitingBot = ({ number, active, botToken }: Enterprise): string => {
  const what = `cannot invite into enterprise ${number}`;
  if (!active) {
    throw new Error(`${what}: it is not active: calllog enterprise set ${number} --active yes`);
  }
  if (botToken === null) {
    throw new Error(
      `${what}: it has no bot; make one with @BotFather, then: calllog enterprise set ${number} --bot-token TOKEN`,
    );
  }
  return botToken;
};

const linkOf = (userName: string, code: string, isGroup: boolean): string =>
  `https://t.me/${userName}?${isGroup ? "startgroup" : "start"}=${code}`;

export type InvitationWish = {
  /** For a group: whoever opens the link chooses one of theirs. */
  readonly isGroup: boolean;
  /** Stored in place of the name that the person has in Telegram. */
  readonly name: string | null;
  /** How long the link works, in milliseconds. */
  readonly ttlMs: number;
};

export type InvitationWorld = {
  readonly dataDir: string;
  readonly telegramApiRoot: string;
  readonly clock: Clock;
};

/**
 * Makes an invitation into an enterprise; Telegram is asked for the name of its bot.
 *
 * @throws Error, in one line with what to do: not active, no bot, a bot that cannot be asked or belongs to another program.
 */
export const makeInvitation = async (
  enterprise: Enterprise,
  { isGroup, name, ttlMs }: InvitationWish,
  { dataDir, telegramApiRoot: apiRoot, clock }: InvitationWorld,
): Promise<{ readonly link: string; readonly expiresAt: number }> => {
  const { number } = enterprise;
  const token = invitingBot(enterprise);
  const bot = createBot(token, { apiRoot, scheduler: systemScheduler(clock), now: clock.now });
  const userName = mustAsk(await bot.whoAmI(), enterprise);
  if (mustAsk(await bot.hasWebhook(), enterprise)) {
    throw new Error(
      `cannot invite into enterprise ${number}: @${userName} has a webhook, so its messages go to another program; give the enterprise a bot of its own, or take the webhook away (deleteWebhook)`,
    );
  }
  const createdAt = clock.now();
  const expiresAt = createdAt + ttlMs;
  const code = openInvitations(dataDir, clock).create({
    enterprise: number,
    isGroup,
    name,
    createdAt,
    expiresAt,
  });
  return { link: linkOf(userName, code, isGroup), expiresAt };
};
