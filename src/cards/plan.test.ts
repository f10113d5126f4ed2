// The plan for one chat as a table, and that whatever is planned ends with exactly the desired card.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { type Action, type ChatView, planChat, type Standing } from "./plan.ts";
import type { CardMode, DesiredCard } from "./types.ts";

const DELETABLE_MS = 48 * 3_600_000;
const NOW = Date.UTC(2025, 10, 30, 12);

const card = (kind: string, messageId: number, more: Partial<Standing> = {}): Standing => ({
  chatId: "1",
  messageId,
  kind,
  text: kind,
  sentAt: NOW - 60_000,
  isEdited: false,
  ...more,
});

const want = (kind: DesiredCard["kind"], more: Partial<DesiredCard> = {}): DesiredCard => ({
  kind,
  final: kind === "hangup",
  key: `${kind} key`,
  text: kind,
  announce: true,
  missed: false,
  follow: "",
  ...more,
});

const told = (actions: readonly Action[]): string =>
  actions.map((a) => (a.do === "send" ? "send" : `${a.do} ${a.card.messageId}`)).join(", ");

type Case = {
  readonly name: string;
  readonly standing?: readonly Standing[];
  readonly refused?: readonly string[];
  readonly desired: DesiredCard | undefined;
  readonly replace: string;
  readonly edit: string;
};

const OLD = { sentAt: NOW - DELETABLE_MS };
const CASES: readonly Case[] = [
  { name: "an empty chat", desired: want("dial"), replace: "send", edit: "send" },
  {
    name: "the card is there",
    standing: [card("dial", 1)],
    desired: want("dial"),
    replace: "",
    edit: "",
  },
  {
    name: "the card before it is there",
    standing: [card("dial", 1)],
    desired: want("bridge"),
    replace: "delete 1, send",
    edit: "edit 1",
  },
  {
    name: "the same kind shows something else",
    standing: [card("dial", 1, { key: "150" })],
    desired: want("dial", { key: "150 151" }),
    replace: "delete 1, send",
    edit: "edit 1",
  },
  {
    name: "names became known: the same key, another text",
    standing: [card("hangup", 1, { key: "hangup key" })],
    desired: want("hangup", { text: "with a name" }),
    replace: "",
    edit: "",
  },
  {
    name: "an answered call ends",
    standing: [card("bridge", 1)],
    desired: want("hangup"),
    replace: "delete 1, send",
    edit: "edit 1",
  },
  {
    name: "a missed call ends: edits do not ring",
    standing: [card("dial", 1)],
    desired: want("hangup", { missed: true }),
    replace: "delete 1, send",
    edit: "delete 1, send",
  },
  {
    name: "a late event corrects the final card",
    standing: [card("hangup", 1, { key: "old" })],
    desired: want("hangup", { missed: true }),
    replace: "edit 1",
    edit: "edit 1",
  },
  {
    name: "two calls proved to be one",
    standing: [card("bridge", 1), card("hangup", 2)],
    desired: want("bridge"),
    replace: "delete 2",
    edit: "delete 2",
  },
  {
    name: "two calls proved to be one, and it ends",
    standing: [card("bridge", 1), card("hangup", 2, { text: "the other" })],
    desired: want("hangup"),
    replace: "delete 1, delete 2, send",
    edit: "delete 1, edit 2",
  },
  {
    name: "a crash left it twice",
    standing: [card("hangup", 1), card("hangup", 2)],
    desired: want("hangup"),
    replace: "delete 1",
    edit: "delete 1",
  },
  {
    name: "the kind was refused",
    standing: [card("dial", 1)],
    refused: ["bridge"],
    desired: want("bridge"),
    replace: "delete 1",
    edit: "delete 1",
  },
  {
    name: "a correction was refused: the older final card is better than none",
    standing: [card("hangup", 1, { key: "old" })],
    refused: ["hangup"],
    desired: want("hangup"),
    replace: "",
    edit: "",
  },
  {
    name: "a deletion was refused",
    standing: [card("dial", 1)],
    refused: ["dial"],
    desired: want("bridge"),
    replace: "send",
    edit: "edit 1",
  },
  {
    name: "too old to be deleted",
    standing: [card("dial", 1, OLD)],
    desired: want("hangup"),
    replace: "send",
    edit: "edit 1",
  },
  {
    name: "too old to ring for, a card stands",
    standing: [card("dial", 1)],
    desired: want("hangup", { announce: false }),
    replace: "edit 1",
    edit: "edit 1",
  },
  {
    name: "too old to ring for, nothing stands",
    desired: want("hangup", { announce: false }),
    replace: "",
    edit: "",
  },
  {
    name: "too old to ring for, and it cannot be changed",
    standing: [card("dial", 1, { isFixed: true })],
    desired: want("hangup", { announce: false }),
    replace: "delete 1",
    edit: "delete 1",
  },
  {
    name: "it cannot be changed",
    standing: [card("dial", 1, { isFixed: true })],
    desired: want("bridge"),
    replace: "delete 1, send",
    edit: "delete 1, send",
  },
  {
    name: "nothing should stand",
    standing: [card("start", 1)],
    desired: undefined,
    replace: "delete 1",
    edit: "delete 1",
  },
];

describe("planChat", () => {
  for (const { name, standing = [], refused = [], desired, ...expected } of CASES) {
    it(name, () => {
      const view: ChatView = { standing, refused: new Set(refused) };
      const plan = (mode: CardMode): string =>
        told(planChat(view, desired, { mode, now: NOW, deletableMs: DELETABLE_MS }));
      expect({ replace: plan("replace"), edit: plan("edit") }).toEqual(expected);
    });
  }

  const KINDS = ["start", "dial", "bridge", "hangup"] as const;
  const arbDesired = fc
    .record({
      kind: fc.constantFrom(...KINDS),
      what: fc.integer({ min: 0, max: 2 }),
      missed: fc.boolean(),
    })
    .map(({ kind, what, missed }) =>
      want(kind, { key: `${kind}${what}`, text: `${kind}${what}`, missed }),
    );
  const arbStanding = fc
    .record({ kind: fc.constantFrom(...KINDS), what: fc.integer({ min: 0, max: 2 }) })
    .map(({ kind, what }) => card(kind, 0, { text: `${kind}${what}` }));

  it("ends with exactly the desired card, whatever stood and whatever was wanted on the way", () => {
    fc.assert(
      fc.property(
        fc.array(arbStanding, { maxLength: 3 }),
        fc.array(fc.record({ desired: arbDesired, steps: fc.nat({ max: 4 }) }), { minLength: 1 }),
        fc.constantFrom<CardMode>("replace", "edit"),
        (before, goals, mode) => {
          let standing: Standing[] = before.map((one, index) => ({ ...one, messageId: index + 1 }));
          let nextId = 100;
          const step = (desired: DesiredCard): boolean => {
            const [action] = planChat({ standing, refused: new Set() }, desired, {
              mode,
              now: NOW,
              deletableMs: DELETABLE_MS,
            });
            if (action === undefined) return false;
            const now = { kind: desired.kind, text: desired.text, key: desired.key };
            if (action.do === "send") standing.push({ ...card("", nextId++), ...now });
            else if (action.do === "delete") standing = standing.filter((c) => c !== action.card);
            else standing = standing.map((c) => (c === action.card ? { ...c, ...now } : c));
            return true;
          };
          for (const { desired, steps } of goals) {
            for (let done = 0; done < steps && step(desired); done++);
          }
          const last = goals.at(-1)?.desired as DesiredCard;
          let steps = 0;
          while (step(last)) expect(++steps).toBeLessThan(10);
          expect(standing.map(({ kind, text }) => ({ kind, text }))).toEqual([
            { kind: last.kind, text: last.text },
          ]);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
