// Events of a source within the process, handed to the intake of this process as an enterprise's own.

import type { Enterprise } from "../domain/enterprise.ts";
import { errorText } from "../lib/errors.ts";
import type { Directory } from "../people/index.ts";
import type { Delivery, DeliveryAnswer } from "../sources/outbox/index.ts";
import type { Intake, IntakeOutcome } from "../sources/webhooks/index.ts";

/** What an outcome means for the outbox: done with, never, or later. */
const answerTo = (outcome: IntakeOutcome): DeliveryAnswer => {
  switch (outcome.kind) {
    case "recorded":
    case "duplicate":
      return { kind: "taken" };
    case "refused":
      return { kind: "refused", reason: outcome.message };
    case "unavailable":
      return { kind: "later", reason: outcome.message, needsHelp: false };
  }
};

export const intakeDelivery = (
  intake: Pick<Intake, "accept">,
  directory: Pick<Directory, "enterpriseByNumber">,
  number: string,
): Delivery => ({
  deliver: async ({ event, body }) => {
    let enterprise: Enterprise | undefined;
    try {
      enterprise = await directory.enterpriseByNumber(number);
    } catch (error) {
      return { kind: "later", reason: errorText(error), needsHelp: false };
    }
    if (enterprise?.active !== true) {
      const reason = `there is no active enterprise ${number}: calllog enterprise add ${number}`;
      return { kind: "later", reason, needsHelp: true };
    }
    return answerTo(await intake.accept(enterprise, event, body));
  },
});
