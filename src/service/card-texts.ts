// The text of a card, put together: the call's names from the metadata service, the words, and the button with a link to
// its page. Every request for a name made for a card is recorded with the call before the card goes out.

import type { AssembledCall, FollowUp } from "../call/index.ts";
import { cardText, type NotifierOptions } from "../cards/index.ts";
import type { Config } from "../config/index.ts";
import { cardIdOf } from "../domain/card-id.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { NO_NAMES } from "../domain/names.ts";
import type { Log } from "../lib/log.ts";
import type { Metadata, MetadataRequest } from "../metadata/index.ts";
import type { Directory } from "../people/index.ts";
import type { TraceStore } from "../store/index.ts";
import type { Buttons } from "./buttons.ts";

export type CardWriterOptions = {
  readonly config: Pick<Config, "lang" | "country">;
  readonly directory: Pick<Directory, "enterpriseByNumber">;
  readonly trace: Pick<TraceStore, "append">;
  /** Undefined where no service is set: cards show numbers. */
  readonly metadata: Pick<Metadata, "namesOf"> | undefined;
  readonly buttons: Buttons;
  readonly log: Log;
};

/** Makes what the notifier asks for each card. Neither a name nor a button ever keeps a card from being made. */
export const createCardWriter = (options: CardWriterOptions): NotifierOptions["cardText"] => {
  const { config, directory, trace, metadata, buttons, log } = options;
  const { lang } = config;

  const namesOf = async (
    assembled: AssembledCall,
    uniqueId: string,
    followUp: FollowUp | null | undefined,
  ) => {
    if (metadata === undefined) return NO_NAMES;
    const { enterprise } = assembled.call;
    const requests: MetadataRequest[] = [];
    // Whoever calls back took no part in the call itself.
    const others = [followUp?.returnedBy, followUp?.underWayBy].flatMap((one) => one ?? []);
    const names = await metadata.namesOf(assembled, (request) => requests.push(request), others);
    for (const { method, url, status, requestJson, responseText } of requests) {
      try {
        await trace.append(enterprise, {
          kind: "HTTP",
          uniqueId,
          method,
          url,
          status,
          request: requestJson,
          response: responseText,
        });
      } catch (error) {
        log.error("cannot record a request for a name", { enterprise, uniqueId, error });
      }
    }
    return names;
  };

  const enterpriseOf = async (number: string, uniqueId: string) => {
    try {
      return await directory.enterpriseByNumber(number);
    } catch (error) {
      log.warn("a card goes without a button: the directory does not answer", {
        enterprise: number,
        uniqueId,
        error,
      });
      return undefined;
    }
  };

  const buttonFor = async (
    { call }: AssembledCall,
    uniqueId: string,
    enterprise: Enterprise | undefined,
  ) =>
    call.direction === "internal" || enterprise === undefined
      ? undefined
      : buttons.ofCall(enterprise, { enterprise: call.enterprise, uniqueId });

  return async (assembled, card, followUp, variant) => {
    const uniqueId = cardIdOf(assembled);
    const [names, enterprise] = await Promise.all([
      namesOf(assembled, uniqueId, followUp),
      enterpriseOf(assembled.call.enterprise, uniqueId),
    ]);
    const country = enterprise?.country ?? config.country;
    const button = await buttonFor(assembled, uniqueId, enterprise);
    const reader = { lang: variant?.lang ?? lang, isMasked: variant?.isMasked ?? false };
    return { ...cardText(assembled, card, { ...reader, names, country, followUp }), button };
  };
};
