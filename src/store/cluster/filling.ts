// This node's part in the filling of a stream that was made anew: it says what files it has, puts those into the stream that
// fall to it, and, where it holds the lease, says who does what and when the stream is open.

import { randomUUID } from "node:crypto";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { pause } from "../../lib/pause.ts";
import { enterprisesIn } from "../read/recent.ts";
import type { StampedWriter } from "../write/stamped-writer.ts";
import type { Bus, Message } from "./bus.ts";
import { type Control, controlText, type Holdings, RollCall, readControl } from "./control.ts";
import { allLines, FileLines } from "./file-lines.ts";
import { FILL_HEADER, fitsMessage, STAMP_HEADER } from "./message.ts";
import { CONTROL_SUBJECT, subjectOf } from "./names.ts";

export type FillingOptions = {
  readonly bus: Pick<Bus, "publish" | "maxBytes">;
  readonly node: string;
  readonly dataDir: string;
  readonly writer: Pick<StampedWriter, "end">;
  /** The nodes that are there now, this one among them. */
  readonly present: () => ReadonlySet<string>;
  /** Whether this node is the one that says who does what. */
  readonly isInCharge: () => boolean;
  readonly log: Log;
};

/** Lines on their way at the same time. */
const WINDOW = 200;
/** Of how many enterprises one message tells: some 70 bytes each. */
const CALL_ENTERPRISES = 5000;
/** Before something that was said is said again, since it has not come back out of the stream. In milliseconds. */
const SAY_AGAIN_MS = 5000;

export class StreamFilling {
  readonly #options: FillingOptions;
  readonly #roll = new RollCall();
  readonly #beganAt = performance.now();
  /** What was said last, and when. */
  readonly #said = new Map<string, number>();
  #filling: Promise<void> | undefined;
  #isOver = false;

  constructor(options: FillingOptions) {
    this.#options = options;
  }

  /** A message of the stream, in its order. */
  take(message: Message): void {
    if (message.subject !== CONTROL_SUBJECT) return;
    const control = readControl(message.text);
    if (control !== undefined) this.#roll.take(control);
  }

  /** Does what is to be done now. Never rejects. Called again and again until the stream is open. */
  async look(): Promise<void> {
    const { node, isInCharge, present, log } = this.#options;
    try {
      if (!this.#roll.hasCalled(node)) {
        await this.#call();
      }
      const task = this.#roll.taskOf(node);
      if (task !== undefined && this.#filling === undefined) {
        this.#filling = this.#fill(task.number, task.enterprises).finally(() => {
          this.#filling = undefined;
        });
      }
      if (!isInCharge()) return;
      const step = this.#roll.next(present(), performance.now() - this.#beganAt);
      if (step.say === "plan") await this.#say(`plan ${step.plan.number}`, step.plan);
      if (step.say === "open") await this.#say("open", { kind: "open" });
    } catch (error) {
      log.debug("the filling of the stream waits", { reason: errorText(error) });
    }
  }

  /** Nothing is published any more. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#filling;
  }

  async #holdings(): Promise<Holdings> {
    const { dataDir, writer } = this.#options;
    const have: Record<string, Holdings[string]> = {};
    for (const enterprise of await enterprisesIn(dataDir)) {
      const end = writer.end(enterprise);
      if (end !== undefined) have[enterprise] = end;
    }
    return have;
  }

  async #call(): Promise<void> {
    const { node } = this.#options;
    const all = Object.entries(await this.#holdings());
    for (let from = 0; from === 0 || from < all.length; from += CALL_ENTERPRISES) {
      const have = Object.fromEntries(all.slice(from, from + CALL_ENTERPRISES));
      const hasMore = from + CALL_ENTERPRISES < all.length;
      const call: Control = { kind: "call", node, have, ...(hasMore ? { hasMore } : {}) };
      await this.#say(`call ${from}`, call);
    }
  }

  async #say(what: string, control: Control): Promise<void> {
    const now = performance.now();
    if (now - (this.#said.get(what) ?? Number.NEGATIVE_INFINITY) < SAY_AGAIN_MS) return;
    this.#said.set(what, now);
    try {
      await this.#options.bus.publish(CONTROL_SUBJECT, controlText(control));
    } catch (error) {
      this.#said.delete(what);
      throw error;
    }
  }

  async #fill(number: number, enterprises: readonly string[]): Promise<void> {
    const { node, log } = this.#options;
    log.info("this node fills the stream from its files", { enterprises: enterprises.length });
    try {
      const lines: Record<string, number> = {};
      for (const enterprise of enterprises) {
        let count = await this.#fillOne(enterprise);
        while (count === undefined) {
          if (this.#isOver) return;
          await pause(1000);
          count = await this.#fillOne(enterprise);
        }
        lines[enterprise] = count;
      }
      await this.#options.bus.publish(
        CONTROL_SUBJECT,
        controlText({ kind: "filled", node, number, lines }),
      );
    } catch (error) {
      log.error("cannot fill the stream from the files; it is tried again", { error });
    }
  }

  /** One enterprise's lines, in order. @returns how many; undefined where one did not get there: all come again then */
  async #fillOne(enterprise: string): Promise<number | undefined> {
    const { bus, dataDir, log } = this.#options;
    const id = randomUUID();
    const subject = subjectOf(enterprise);
    const underWay = new Set<Promise<unknown>>();
    let index = 0;
    let failure: unknown;
    for await (const { at, fields } of allLines(new FileLines(dataDir, enterprise))) {
      if (this.#isOver || failure !== undefined) break;
      if (!fitsMessage(bus, fields)) {
        log.error("a line is too long for the NATS servers; raise their max_payload", {
          enterprise,
        });
        continue;
      }
      const headers = { [FILL_HEADER]: `${id}/${index}`, [STAMP_HEADER]: String(at) };
      index += 1;
      const sent: Promise<void> = bus
        .publish(subject, fields, { headers })
        .then(
          () => undefined,
          (error: unknown) => {
            failure = error;
          },
        )
        .finally(() => underWay.delete(sent));
      underWay.add(sent);
      if (underWay.size >= WINDOW) await Promise.race(underWay);
    }
    await Promise.all(underWay);
    return failure === undefined && !this.#isOver ? index : undefined;
  }
}
