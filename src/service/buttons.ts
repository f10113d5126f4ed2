// Buttons that open a page by a signed link, as far as Telegram takes the address of the pages.

import { callButtons } from "../channels/telegram/index.ts";
import type { Config } from "../config/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import {
  type CallLinkScope,
  callPath,
  callToken,
  type ListLinkScope,
  listPath,
  listToken,
} from "../pages/index.ts";

type Made = ReturnType<NonNullable<ReturnType<typeof callButtons>>> | undefined;

export type Buttons = {
  /** Opens the page of a call. */
  readonly ofCall: (enterprise: Enterprise, scope: CallLinkScope) => Promise<Made>;
  /** Opens the list of a day. */
  readonly ofList: (enterprise: Enterprise, scope: ListLinkScope, text: string) => Promise<Made>;
};

export type ButtonsOptions = {
  readonly config: Pick<Config, "publicUrl" | "linkTtlMs" | "lang">;
  readonly clock: Clock;
  readonly log: Log;
};

/** Links last as long as `--link-ttl` says; without a secret there are none. */
export const createButtons = ({ config, clock, log }: ButtonsOptions): Buttons => {
  const { publicUrl, linkTtlMs, lang } = config;
  // Made with the first message that would have one: an installation without bots hears nothing of buttons.
  let known: { readonly make: ReturnType<typeof callButtons> } | undefined;
  const maker = () => {
    known ??= { make: callButtons({ publicUrl, lang, log }) };
    return known.make;
  };
  const until = (): number => clock.now() + linkTtlMs;
  return {
    ofCall: async ({ secret }, scope) => {
      const make = maker();
      if (make === undefined || secret === "") return undefined;
      return make(callPath(scope, await callToken(secret, scope, until())));
    },
    ofList: async ({ secret }, scope, text) => {
      const make = maker();
      if (make === undefined || secret === "") return undefined;
      return make(listPath(scope, await listToken(secret, scope, until())), text);
    },
  };
};
