// Looks up names of customers, managers and lines at the metadata service of the operator. A name is never required:
// nothing here throws or delays a card. Questions run in parallel within one time limit, answers are cached (LRU), and
// a circuit breaker spares a service that is down.

import { LRUCache } from "lru-cache";
import type { AssembledCall } from "../call/index.ts";
import { type CallNames, cleanName } from "../domain/names.ts";
import { internationalNumber, isWithheld } from "../domain/phone.ts";
import { linesTried } from "../domain/phone-lines.ts";
import { type Breaker, createBreaker } from "../lib/breaker.ts";
import type { Clock } from "../lib/clock.ts";
import { within } from "../lib/within.ts";
import { ask, type Fetch } from "./ask.ts";

/** A request that was really made, as its HTTP record has it. */
export type MetadataRequest = {
  readonly method: "GET";
  readonly url: string;
  /** 0 where no answer came. */
  readonly status: number;
  readonly requestJson: string;
  /** At most 4096 code units of it. */
  readonly responseText: string;
};
export type OnRequest = (request: MetadataRequest) => void;

export type Metadata = {
  /** The customer's name; undefined where there is none or it could not be asked for. Never rejects. */
  customerName(enterprise: string, phone: string, onRequest?: OnRequest): Promise<Name>;
  manager(enterprise: string, extension: string, onRequest?: OnRequest): Promise<Name>;
  line(enterprise: string, id: string, onRequest?: OnRequest): Promise<Name>;
  /**
   * Every name that a card or page of the call can show, all asked for in parallel.
   *
   * @param onRequest called for each request that this caller caused, in the order of the answers
   * @param more extensions that took no part in it
   */
  namesOf(
    assembled: AssembledCall,
    onRequest?: OnRequest,
    more?: readonly string[],
  ): Promise<CallNames>;
  /**
   * Names for a list, as many as can be had within the time limit. A few are asked for at a time: a list holds many, and
   * the cards of calls under way are not to wait behind it.
   */
  namesAmong(enterprise: string, numbers: NumbersOfList): Promise<NamesOfList>;
};
type NumbersOfList = {
  readonly customers: readonly string[];
  readonly managers: readonly string[];
};
type NamesOfList = {
  readonly customers: ReadonlyMap<string, string>;
  readonly managers: ReadonlyMap<string, string>;
  /** False where some could not be asked for in time. */
  readonly complete: boolean;
};
type Name = string | undefined;

export type MetadataOptions = {
  /** The service's address, without a slash at its end. */
  readonly url: string;
  readonly clock: Clock;
  readonly fetch?: Fetch;
  /** For one request and for all of a call together, in milliseconds; default 2 s. */
  readonly timeoutMs?: number;
};

const TIMEOUT_MS = 2000;
const KEEP_MS = 5 * 60_000;
/** Customers are entered while they call. */
const KEEP_CUSTOMER_MS = 60_000;
/** An answer that makes no sense is not asked for again at once. */
const KEEP_NONSENSE_MS = 10_000;
const MAX_KEPT = 10_000;
/** A service that gave no answer is left alone for this long, and for longer each time. In milliseconds. */
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 60_000;
/** A ring group may be larger; the names of those beyond are not asked for. */
const MAX_MANAGERS = 64;
const MAX_LINES = 4;
/** Requests under way for one list. */
const LIST_REQUESTS = 6;
const MAX_RESPONSE_UNITS = 4096;

/** `isKnown` is false where the service could not say: there may be a name. */
type Answer = { readonly name: Name; readonly isKnown: boolean };
const UNKNOWN: Answer = { name: undefined, isKnown: false };

type Kind = "customer" | "manager" | "line";
type Question = { readonly kind: Kind; readonly enterprise: string; readonly about: string };

const PATHS: { readonly [kind in Kind]: (enterprise: string, about: string) => string } = {
  customer: (enterprise, about) => `/customer-name/${enterprise}/${about}`,
  manager: (enterprise, about) => `/metadata/${enterprise}/manager/${about}`,
  line: (enterprise, about) => `/metadata/${enterprise}/line/${about}`,
};
const REQUEST_KEY = { customer: "phone", manager: "extension", line: "line" } as const;

/** Whether something may be a part of a path; `..` would leave it, however it is encoded. */
const isPathPart = (text: string): boolean =>
  text.length <= 64 && !/^\.*$/.test(text) && text.isWellFormed();

const readName = (kind: Kind, text: string): Answer => {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null) return UNKNOWN;
    const { name, full_name: fullName, exists } = body as { [key: string]: unknown };
    if (kind === "manager" && exists === false) return { name: undefined, isKnown: true };
    const found = kind === "manager" ? fullName : name;
    return { name: typeof found === "string" ? cleanName(found) : undefined, isKnown: true };
  } catch {
    return UNKNOWN;
  }
};

/** Whom a call's names are asked about. */
const questionsOf = (
  { call, records }: AssembledCall,
  more: readonly string[] = [],
): Question[] => {
  const { enterprise } = call;
  const isInternal = call.direction === "internal";
  const customer = isInternal || isWithheld(call.phone) ? null : call.phone;
  const ours = new Set([
    ...(isInternal && call.phone !== null ? [call.phone] : []),
    ...more,
    ...call.answeredBy,
    ...call.transfers.flatMap(({ from, to }) => [from, ...to.split("&")]),
    ...call.extensions,
  ]);
  const managers = [...ours].filter((number) => internationalNumber(number) === undefined);
  const lines = isInternal ? [] : [...new Set(linesTried(records))];
  const about = (kind: Kind, list: readonly string[]): Question[] =>
    list.map((text) => ({ kind, enterprise, about: text }));
  return [
    ...about("customer", customer === null ? [] : [customer]),
    ...about("manager", managers.slice(0, MAX_MANAGERS)),
    ...about("line", lines.slice(0, MAX_LINES)),
  ];
};

class MetadataClient implements Metadata {
  readonly #options: MetadataOptions;
  readonly #url: string;
  readonly #clock: Clock;
  readonly #fetch: Fetch;
  readonly #timeoutMs: number;
  readonly #breaker: Breaker;
  readonly #kept = new LRUCache<string, Answer & { readonly until: number }>({ max: MAX_KEPT });
  readonly #underWay = new Map<string, Promise<Answer>>();

  constructor(options: MetadataOptions) {
    this.#options = options;
    const { url, clock, fetch = globalThis.fetch, timeoutMs = TIMEOUT_MS } = this.#options;
    this.#url = url;
    this.#clock = clock;
    this.#fetch = fetch;
    this.#timeoutMs = timeoutMs;
    this.#breaker = createBreaker({
      clock: this.#clock,
      firstPauseMs: FIRST_PAUSE_MS,
      longestPauseMs: LONGEST_PAUSE_MS,
      trialMs: this.#timeoutMs,
    });
  }

  async namesAmong(
    enterprise: string,
    { customers, managers }: NumbersOfList,
  ): Promise<{ customers: Map<string, string>; managers: Map<string, string>; complete: boolean }> {
    const ours = managers.filter((number) => internationalNumber(number) === undefined);
    const questions: readonly Question[] = [
      ...ours.map((about): Question => ({ kind: "manager", enterprise, about })),
      ...customers.map((about): Question => ({ kind: "customer", enterprise, about })),
    ];
    const answers = new Map<Question, Answer>();
    const left = questions.values();
    let isLate = false;
    const askOn = async (): Promise<void> => {
      for (const question of left) {
        if (isLate) return;
        answers.set(question, (await this.#askAll([question], undefined))[0] ?? UNKNOWN);
      }
    };
    const all = Promise.all(Array.from({ length: LIST_REQUESTS }, askOn));
    await within<unknown, void>(all, this.#timeoutMs, () => undefined);
    isLate = true;
    const named = (kind: Kind): Map<string, string> =>
      new Map(
        questions.flatMap((question) => {
          const name = question.kind === kind ? answers.get(question)?.name : undefined;
          return name === undefined ? [] : [[question.about, name] as const];
        }),
      );
    return {
      customers: named("customer"),
      managers: named("manager"),
      complete: questions.every((question) => answers.get(question)?.isKnown === true),
    };
  }

  readonly customerName = this.#askOne("customer");

  readonly manager = this.#askOne("manager");

  readonly line = this.#askOne("line");

  async namesOf(
    assembled: AssembledCall,
    onRequest: OnRequest | undefined,
    more?: readonly string[],
  ): Promise<{
    customer: string | undefined;
    managers: Map<string, string>;
    lines: Map<string, string>;
    complete: boolean;
  }> {
    const questions = questionsOf(assembled, more);
    const answers = await this.#askAll(questions, onRequest);
    const namesOf = (kind: Kind): Map<string, string> =>
      new Map(
        questions.flatMap((question, i) => {
          const name = question.kind === kind ? answers[i]?.name : undefined;
          return name === undefined ? [] : [[question.about, name] as const];
        }),
      );
    return {
      customer: [...namesOf("customer").values()][0],
      managers: namesOf("manager"),
      lines: namesOf("line"),
      complete: answers.every((answer) => answer.isKnown),
    };
  }

  #keep(key: string, answer: Answer, forMs: number): void {
    this.#kept.set(key, { ...answer, until: this.#clock.now() + forMs });
  }

  async #request(
    key: string,
    { kind, enterprise, about }: Question,
    onRequest: OnRequest | undefined,
  ): Promise<Answer> {
    const path = PATHS[kind](encodeURIComponent(enterprise), encodeURIComponent(about));
    const { status, text, isWhole } = await ask(this.#fetch, this.#url + path, this.#timeoutMs);
    if (status === 0) this.#breaker.failed();
    else this.#breaker.answered();
    onRequest?.({
      method: "GET",
      url: this.#url + path,
      status,
      requestJson: JSON.stringify({ [REQUEST_KEY[kind]]: about }),
      responseText: text.slice(0, MAX_RESPONSE_UNITS).toWellFormed(),
    });
    if (status === 0) return UNKNOWN;
    const answer: Answer =
      status === 404
        ? { name: undefined, isKnown: true }
        : status === 200 && isWhole
          ? readName(kind, text)
          : UNKNOWN;
    const keepMs = kind === "customer" ? KEEP_CUSTOMER_MS : KEEP_MS;
    this.#keep(key, answer, answer.isKnown ? keepMs : KEEP_NONSENSE_MS);
    return answer;
  }

  /** Asks all at the same time; two requests for one subscriber are made one. */
  #askAll(questions: readonly Question[], onRequest: OnRequest | undefined): Promise<Answer[]> {
    let admitted: boolean | undefined;
    return Promise.all(
      questions.map((asked) => {
        // The service knows numbers without the plus.
        const about = asked.kind === "customer" ? asked.about.replace(/^\+/, "") : asked.about;
        const question = { ...asked, about };
        if (!isPathPart(about) || !isPathPart(question.enterprise)) {
          return { name: undefined, isKnown: true };
        }
        const key = `${question.kind} ${question.enterprise} ${about}`;
        const known = this.#kept.get(key);
        if (known !== undefined && this.#clock.now() < known.until) return known;
        const running = this.#underWay.get(key);
        if (running !== undefined) return running;
        admitted ??= this.#breaker.admit();
        if (!admitted) return UNKNOWN;
        // A listener that throws costs the name, not the card.
        const started = this.#request(key, question, onRequest)
          .catch(() => UNKNOWN)
          .finally(() => this.#underWay.delete(key));
        this.#underWay.set(key, started);
        return started;
      }),
    );
  }

  #askOne(kind: Kind): (enterprise: string, about: string, onRequest?: OnRequest) => Promise<Name> {
    return async (enterprise: string, about: string, onRequest?: OnRequest): Promise<Name> =>
      (await this.#askAll([{ kind, enterprise, about }], onRequest))[0]?.name;
  }
}

/** A client for one service, shared by all cards and pages. Holds nothing that needs closing. */
export const createMetadata = (options: MetadataOptions): Metadata => new MetadataClient(options);
