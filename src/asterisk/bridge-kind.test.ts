import { expect, it } from "bun:test";
import {
  type BridgeFacts,
  type BridgeKind,
  bridgeKind,
  makesSpecialBridge,
} from "./bridge-kind.ts";

const said = (over: Partial<BridgeFacts>): BridgeFacts => ({
  technology: "simple_bridge",
  type: "basic",
  creator: "",
  isNew: true,
  ...over,
});

const CASES: readonly [name: string, facts: readonly BridgeFacts[], kind: BridgeKind][] = [
  ["nothing was said", [], "ordinary"],
  ["a plain call", [said({})], "ordinary"],
  ["a third party joined", [said({}), said({ technology: "softmix", isNew: false })], "ordinary"],
  ["a basic one made for mixing", [said({ technology: "softmix" })], "ordinary"],
  ["made for mixing by whatever", [said({ technology: "softmix", type: "" })], "conference"],
  ["a conference room", [said({ technology: "softmix", creator: "ConfBridge" })], "conference"],
  ["a room by its type alone", [said({ type: "conference" })], "conference"],
  ["a parking place", [said({ technology: "holding_bridge" })], "holding"],
  ["a parking place by its creator", [said({ creator: "Parking" })], "holding"],
  [
    "a waiting room after a conference",
    [said({ type: "conference" }), said({ creator: "BridgeWait" })],
    "holding",
  ],
];
for (const [name, facts, kind] of CASES) {
  it(`${name}: ${kind}`, () => expect(bridgeKind(facts)).toBe(kind));
}

it("knows the applications whose bridges are not those of calls", () => {
  const applications = ["ConfBridge", "BridgeWait", "Park", "Dial", "AppDial", ""];
  expect(applications.filter(makesSpecialBridge)).toEqual(["ConfBridge", "BridgeWait", "Park"]);
});
