// `GET /call/{enterprise}/{unique_id}`: the page of a call, and the same as JSON or a vCon.

import { CallPage, callPageParts } from "../../views/call-page.tsx";
import type { CallView } from "../../views/call-parts.tsx";
import { type AssembledCall, type CallHistory, findCall } from "../call/index.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import type { Lang } from "../domain/lang.ts";
import { type CallNames, NO_NAMES } from "../domain/names.ts";
import type { NumberPlan } from "../domain/phone.ts";
import { createAtMost } from "../lib/at-most.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { within } from "../lib/within.ts";
import type { TraceStore } from "../store/index.ts";
import type { Access, Client } from "./access.ts";
import { callJson } from "./call-json.ts";
import type { Fail } from "./failure.tsx";
import type { CallLinkScope } from "./links.ts";
import type { ListNames } from "./list-names.ts";
import { createFrame, isSettled } from "./live-frame.ts";
import { maskedFind } from "./masked-find.ts";
import { readerLang, wantsJson, wantsVcon } from "./negotiate.ts";
import type { Sounds } from "./sounds.ts";
import { type FollowUpSettings, otherCallHref, storyOf } from "./story.ts";
import { VCON_TYPE, vconOf } from "./vcon.ts";
import { withRecordings } from "./vcon-recordings.ts";

export type CallRouteOptions = {
  readonly access: Access;
  readonly fail: Fail;
  readonly trace: Pick<TraceStore, "find">;
  readonly clock: Clock;
  readonly log: Log;
  readonly lang: Lang;
  readonly timeZone: string;
  /** In whose numbering plan local numbers of an enterprise are read that has none of its own. */
  readonly country?: NumberPlan;
  readonly callTimeoutMs: number;
  /** Since when events are listened to without a break, in milliseconds since the epoch; undefined: as long as there are any. */
  readonly listeningSince?: number | undefined;
  readonly names: ((assembled: AssembledCall) => Promise<CallNames>) | undefined;
  readonly recipients: ((enterprise: Enterprise) => Promise<readonly TelegramUser[]>) | undefined;
  /** The recent calls: what becomes of missed ones is read from them. Without it nothing is said of that. */
  readonly history?: Pick<CallHistory, "followUpsOf"> | undefined;
  readonly followUp: FollowUpSettings;
  readonly listNames?: ListNames | undefined;
  /** The recordings of calls; without them pages have none. */
  readonly sounds?: Sounds | undefined;
};

/** How long the page waits for the names of the people behind its chats, in milliseconds. */
const RECIPIENTS_TIMEOUT_MS = 2000;

/** Calls put together at the same time: each may hold some tens of megabytes until it is done. */
const MAX_READS = 4;

/** Finds a call and everything its page shows of it. */
export const createCallReader = (options: CallRouteOptions) => {
  const { trace, clock, log, callTimeoutMs, timeZone } = options;
  const reads = createAtMost(MAX_READS);

  const recipientsOf = async (enterprise: Enterprise): Promise<readonly TelegramUser[]> => {
    if (options.recipients === undefined) return [];
    try {
      return await within(options.recipients(enterprise), RECIPIENTS_TIMEOUT_MS, (): never => {
        throw new Error(`no answer within ${RECIPIENTS_TIMEOUT_MS} ms`);
      });
    } catch (error) {
      log.warn("a page shows chats without names: the directory does not answer", { error });
      return [];
    }
  };

  /** Undefined where nobody is to hear the enterprise's recordings. */
  const soundsOf = ({ recordings }: Enterprise): Sounds | undefined =>
    recordings === "none" ? undefined : options.sounds;

  const countryOf = (enterprise: Enterprise): NumberPlan => enterprise.country ?? options.country;

  const tellStory = async (
    assembled: AssembledCall,
    enterprise: Enterprise,
  ): Promise<CallView["story"]> => {
    const { history, followUp } = options;
    if (history === undefined) return undefined;
    try {
      const story = await storyOf(assembled, history, {
        followUp,
        country: countryOf(enterprise),
      });
      return { ...story, otherHref: await otherCallHref(story, enterprise, clock.now()) };
    } catch (error) {
      log.warn("a page does not say what became of a missed call: the list cannot be read", {
        enterprise: enterprise.number,
        error,
      });
      return undefined;
    }
  };

  /** Whoever called back took no part in this call: his name is asked for by itself. */
  const withNameOf = async (
    extension: string | null | undefined,
    { number }: Enterprise,
    names: CallNames,
  ): Promise<CallNames> => {
    if (!extension || options.listNames === undefined || names.managers.has(extension))
      return names;
    const found = await options.listNames(number, { customers: [], managers: [extension] });
    return { ...names, managers: new Map([...names.managers, ...found.managers]) };
  };

  /** What a page shows with names that are known already. */
  const viewWith = (
    assembled: AssembledCall,
    enterprise: Enterprise,
    lang: Lang,
    known?: Pick<CallView, "names" | "recipients" | "story" | "sounds">,
  ): CallView => ({
    assembled,
    story: known?.story,
    sounds: soundsOf(enterprise) === undefined ? undefined : (known?.sounds ?? []),
    names: known?.names ?? NO_NAMES,
    recipients: known?.recipients ?? [],
    zone: { lang, timeZone, country: countryOf(enterprise) },
    now: clock.now(),
  });

  return {
    viewWith,
    storyOf: tellStory,
    find: (scope: CallLinkScope, enterprise: Enterprise): Promise<AssembledCall | undefined> => {
      const find = maskedFind(trace, scope.enterprise, enterprise);
      return reads(() =>
        findCall(find, scope.uniqueId, {
          enterprise: scope.enterprise,
          now: clock.now(),
          callTimeoutMs,
          listeningSince: options.listeningSince,
        }),
      );
    },
    vconOf: async (
      assembled: AssembledCall,
      enterprise: Enterprise,
      mayHear: boolean,
    ): Promise<Response> => {
      const names = (await options.names?.(assembled)) ?? NO_NAMES;
      const organization = enterprise.name;
      const vcon = vconOf(assembled, { names, organization, country: countryOf(enterprise) });
      const heard = mayHear ? await soundsOf(enterprise)?.heard(assembled, enterprise) : undefined;
      return Response.json(withRecordings(vcon, heard ?? []), {
        headers: { "content-type": VCON_TYPE },
      });
    },
    viewOf: async (
      assembled: AssembledCall,
      enterprise: Enterprise,
      lang: Lang,
    ): Promise<CallView> => {
      const [names, recipients, story, sounds] = await Promise.all([
        options.names?.(assembled) ?? NO_NAMES,
        recipientsOf(enterprise),
        tellStory(assembled, enterprise),
        soundsOf(enterprise)?.shown(assembled, enterprise),
      ]);
      const named = await withNameOf(story?.followUp?.returnedBy, enterprise, names);
      return viewWith(assembled, enterprise, lang, { names: named, recipients, story, sounds });
    },
  };
};

export type CallReader = ReturnType<typeof createCallReader>;

/** The page of a call for whoever may not hear its recordings. */
export const unheard = (view: CallView): CallView => ({ ...view, sounds: undefined });

/** Answers the route: markup for `html()`, or a whole response. */
export const createCallRoute =
  ({ access, fail, clock, lang, sounds }: CallRouteOptions, reader: CallReader) =>
  async (
    request: Request,
    scope: CallLinkScope,
    client: Client,
  ): Promise<Response | JSX.Element> => {
    const entered = await access.toCall(request, scope, client);
    if (entered instanceof Response) return entered;
    const assembled = await reader.find(scope, entered);
    if (assembled === undefined) return fail(request, 404);
    const mayHear = access.mayHear(request, entered);
    if (wantsVcon(request)) return reader.vconOf(assembled, entered, mayHear);
    if (wantsJson(request)) {
      const story = await reader.storyOf(assembled, entered);
      const recordings = mayHear ? await sounds?.of(assembled) : undefined;
      return Response.json(callJson(assembled, story, recordings));
    }
    const found = await reader.viewOf(assembled, entered, readerLang(request, lang));
    const view = mayHear ? found : unheard(found);
    const parts = callPageParts(view);
    const live = isSettled(view, clock.now()) ? undefined : createFrame(parts).version;
    return <CallPage parts={parts} live={live} />;
  };
