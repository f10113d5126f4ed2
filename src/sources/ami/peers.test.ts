// What is known of the peers of a PBX: what stronger evidence taught stays, an operator is believed, a restart forgets nothing.

import { afterAll, describe, expect, it } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readChannelName } from "../../asterisk/index.ts";
import { readPeers, writePeers } from "./peer-file.ts";
import { Peers } from "./peers.ts";

const folder = mkdtempSync(join(tmpdir(), "calllog-peers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const channel = readChannelName;
const kindOf = (peers: Peers, name: string, evidence = {}) =>
  peers.judge(channel(name), evidence).kind;

describe("peers of a PBX", () => {
  it("keeps what stronger evidence taught", () => {
    const peers = new Peers();
    expect(kindOf(peers, "SIP/5061-1")).toBe("extension");
    expect(kindOf(peers, "SIP/5061-2", { dialString: "5061/80291112233" })).toBe("trunk");
    expect(kindOf(peers, "SIP/5061-3", { context: "from-internal", callerId: "152" })).toBe(
      "trunk",
    );
  });

  it("takes a line for one still when a caller shows a short number", () => {
    const peers = new Peers();
    expect(kindOf(peers, "SIP/mts-1", { context: "lines", callerId: "291234567" })).toBe("trunk");
    expect(kindOf(peers, "SIP/mts-2", { context: "lines", callerId: "152" })).toBe("trunk");
  });

  it("takes no line for an extension because a caller shows the number of one", () => {
    const peers = new Peers();
    peers.judge(channel("SIP/152-1"), { dialString: "152" });
    expect(kindOf(peers, "SIP/mts-1", { context: "lines", callerId: "152" })).toBe("trunk");
    expect(peers.isExtension("152")).toBe(true);
  });

  it("takes for a line what shows one short number now and another then", () => {
    const peers = new Peers();
    const shows = (callerId: string) => kindOf(peers, "DAHDI/33-1", { context: "city", callerId });
    expect([shows("23456"), shows("23456"), shows("34567"), shows("23456")]).toEqual([
      "extension",
      "extension",
      "trunk",
      "trunk",
    ]);
  });

  it("remembers the number that an endpoint showed", () => {
    const peers = new Peers();
    peers.judge(channel("SIP/ivanov-1"), { context: "from-internal", callerId: "151" });
    const rung = peers.judge(channel("SIP/ivanov-2"), { callerId: "600", dialString: "ivanov" });
    expect(rung).toMatchObject({ kind: "extension", number: "151", by: "context" });
  });

  it("believes the operator before everything else", () => {
    const peers = new Peers({ trunks: ["50*", "SIP/mts"], extensions: ["DAHDI/3*"] });
    expect(kindOf(peers, "PJSIP/5061-1", { context: "from-internal" })).toBe("trunk");
    expect(kindOf(peers, "SIP/mts-1", { dialString: "mts" })).toBe("trunk");
    expect(kindOf(peers, "PJSIP/mts-1", { dialString: "mts" })).toBe("extension");
    expect(kindOf(peers, "DAHDI/33-1", { dialString: "33/80291112233" })).toBe("extension");
    expect(kindOf(peers, "DAHDI/4-1")).toBe("trunk");
  });

  it("is kept in a file and read again, but for what an operator said", () => {
    const peers = new Peers({ trunks: ["5062"], extensions: [] });
    for (const [name, evidence] of [
      ["SIP/5061-1", { dialString: "5061/80291112233" }],
      ["SIP/5062-1", {}],
      ["SIP/ivanov-1", { context: "from-internal", callerId: "151" }],
    ] as const) {
      peers.judge(channel(name), evidence);
    }
    writePeers(folder, peers.list());
    const again = new Peers(undefined, readPeers(folder));
    expect(again.changes).toBe(0);
    expect(again.list().map(({ name, kind, number, by }) => [name, kind, number, by])).toEqual([
      ["SIP/ivanov", "extension", "151", "context"],
      ["SIP/5061", "trunk", "", "dialled"],
    ]);
    expect(again.isExtension("151")).toBe(true);
  });

  it("reads nothing of another version, and tells of a damaged file", () => {
    const path = join(folder, "peers.json");
    writeFileSync(path, '{"version":99,"peers":[]}');
    expect(readPeers(folder)).toEqual([]);
    writeFileSync(
      path,
      '{"version":1,"peers":[{"name":"SIP/1"},null,{"name":"SIP/2","kind":"inner"}]}',
    );
    expect(readPeers(folder)).toEqual([]);
    writeFileSync(path, "{");
    expect(() => readPeers(folder)).toThrow(SyntaxError);
    expect(readPeers(join(folder, "nowhere"))).toEqual([]);
  });
});
