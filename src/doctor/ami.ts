// The PBXs of --ami: can they be logged in to, may the user do what the agent needs. Logging in changes nothing there.

import { type Pbx, pbxsOf } from "../config/index.ts";
import { errorText } from "../lib/errors.ts";
import { printable } from "../lib/printable.ts";
import { systemScheduler } from "../lib/scheduler.ts";
import { pbxName, spoolPartOf } from "../service/pbx-links.ts";
import {
  type AmiMessage,
  createAmiReader,
  type KnownPeer,
  Peers,
  readPeers,
  runSession,
  tellsCalls,
  unreadable,
} from "../sources/ami/index.ts";
import { celFile } from "./cel.ts";
import { ANSWER_TIMEOUT_MS, type Check, type Finding, note, ok, wrong } from "./finding.ts";

/** Events are waited for so long: a quiet PBX has none. In milliseconds. */
const LISTEN_MS = 2000;

type Endpoint = Parameters<typeof runSession>[0]["endpoint"];

const BY: { readonly [by in KnownPeer["by"]]: string } = {
  name: "by its name",
  "caller-id": "by the caller id it shows",
  technology: "by its technology",
  rung: "since it was rung by its name",
  context: "by the context its calls begin in",
  dialled: "since a number was dialled through it",
  told: "as you say",
};

/** So many of each kind are listed. */
const MAX_LISTED = 50;

const listOf = (peers: readonly KnownPeer[]): string => {
  const shown = peers
    .toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))
    .slice(0, MAX_LISTED)
    .map(({ name, number, by }) => {
      const own = number === "" || name.endsWith(`/${number}`) ? "" : ` is ${number}`;
      return `${name}${own} (${BY[by]})`;
    });
  const more = peers.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
};

/** Who is inside and who outside, as it was learned from the calls of the PBX. */
const peersOf = (world: Parameters<Check>[0], pbx: Pbx): Finding[] => {
  const what = `PBX ${pbxName(pbx)}`;
  const folder = spoolPartOf(world.config, pbx);
  let known: readonly KnownPeer[];
  try {
    known = new Peers(pbx.rules, readPeers(folder)).ruled();
  } catch (error) {
    const todo = `remove peers.json in ${folder}: it is learned again`;
    return [note(what, `what was learned of its peers cannot be read: ${errorText(error)}`, todo)];
  }
  const todo = "where one is on the wrong side, name it in --ami-trunks or --ami-extensions";
  return (["extension", "trunk"] as const).flatMap((kind) => {
    const own = known.filter((peer) => peer.kind === kind);
    const title = kind === "extension" ? "extensions" : "lines to the outside";
    return own.length === 0 ? [] : [ok(what, `${title}: ${listOf(own)}`, todo)];
  });
};

const SHOW_SETTINGS = "manager show settings";

/** A value of what the console shows, `read perm: call,log`; undefined where it does not stand there. */
const shownValue = (text: string | undefined, name: RegExp): string | undefined =>
  text
    ?.split("\n")
    .map((line) => /^\s*([^:]+):\s*(.*?)\s*$/.exec(line))
    .find((match) => match !== null && name.test(match[1] ?? ""))?.[2];

/** What a PBX without calls tells of its settings, where the user may ask. */
const quietFindings = (
  what: string,
  user: string | undefined,
  settings: string | undefined,
): Finding[] => {
  const findings: Finding[] = [];
  const rights = shownValue(user, /^read perm/i);
  if (rights !== undefined) {
    const mayRead = rights.split(/[,\s]+/).some((right) => right === "call" || right === "all");
    findings.push(
      mayRead
        ? ok(what, "lets the user read the events of calls")
        : wrong(
            what,
            `does not let the user read the events of calls (read = ${printable(rights, 80)})`,
            "set read = call for the user in manager.conf, then: asterisk -rx 'manager reload'",
          ),
    );
  }
  const stamps = shownValue(settings, /^timestamp events/i);
  if (stamps !== undefined && /^no/i.test(stamps)) {
    const todo = "set timestampevents = yes in manager.conf";
    findings.push(note(what, "sends events without their time", todo));
  }
  return findings;
};

const checkOne = async (
  endpoint: Endpoint,
  cel: string | undefined,
  clock: Parameters<Check>[0]["clock"],
) => {
  const what = `PBX ${endpoint.host}:${endpoint.port}`;
  const stop = new AbortController();
  const events: AmiMessage[] = [];
  let isIn = false;
  let version = "";
  const showUser = `manager show user ${endpoint.user}`;
  const answers = new Map<string, string | undefined>();
  let channels: readonly AmiMessage[] | undefined;
  const limit = setTimeout(() => stop.abort(), ANSWER_TIMEOUT_MS);
  const { reason } = await runSession({
    endpoint,
    createReader: createAmiReader,
    clock,
    scheduler: systemScheduler(clock),
    signal: stop.signal,
    asks: [showUser, SHOW_SETTINGS],
    onAnswer: (command, answer) => void answers.set(command, answer),
    onBanner: (told) => {
      version = told;
    },
    onLogin: () => {
      isIn = true;
    },
    onEvents: async (seen) => void events.push(...seen.slice(0, 100)),
    onChannels: async (listed) => {
      channels = listed;
      setTimeout(() => stop.abort(), LISTEN_MS);
    },
  });
  clearTimeout(limit);
  if (!isIn) {
    const todo = "check the address and, in manager.conf, enabled, bindaddr, user, secret, permit";
    const why = reason === "" ? `no answer within ${ANSWER_TIMEOUT_MS / 1000} s` : reason;
    return [wrong(what, `cannot log in: ${why}`, todo)];
  }
  const findings: Finding[] = [ok(what, "takes the login")];
  if (!tellsCalls(version)) {
    const finding = `is too old (manager interface ${version}, Asterisk 11 or older): its events do not tell which call a channel belongs to, and nothing of it can be recorded`;
    const todo =
      cel === undefined
        ? "give its CEL file instead (--cel FILE without --ami), or upgrade it to Asterisk 12 or later (16 or later is tested)"
        : "give --cel without --ami: its CEL file is all that can be read of it";
    findings.push(wrong(what, finding, todo));
    return findings;
  }
  if (channels === undefined) {
    const todo = "add write = reporting to the user in manager.conf";
    findings.push(note(what, "does not tell which channels there are, after a gap", todo));
  }
  const quiet = quietFindings(what, answers.get(showUser), answers.get(SHOW_SETTINGS));
  const call = events.find(({ fields }) => fields.get("Privilege")?.includes("call"));
  if (call === undefined && quiet.length > 0) findings.push(...quiet);
  else if (call === undefined) {
    const isBusy = (channels?.length ?? 0) > 0;
    const finding = `no event of a call within ${LISTEN_MS / 1000} s${isBusy ? ", though there are calls" : ""}`;
    const todo = "see that the user has read = call, and run this again during a call";
    findings.push(note(what, finding, todo));
  } else if (call.event === "Newchannel" && unreadable(call.fields) !== "") {
    const todo = "see docs/asterisk.md for the versions that are understood";
    findings.push(wrong(what, `is not understood: ${unreadable(call.fields)}`, todo));
  } else if (!call.fields.has("Timestamp")) {
    const todo = "set timestampevents = yes in manager.conf";
    findings.push(note(what, "sends events without their time", todo));
  } else findings.push(ok(what, "sends the events of calls with their time"));
  return findings;
};

/** Whether each PBX of --ami can be listened to. */
export const amiLogins: Check = async (world) => {
  const { config, clock } = world;
  const found = await Promise.all(
    pbxsOf(config).map(async (pbx) => [
      ...(pbx.ami === undefined ? [] : await checkOne(pbx.ami, pbx.cel, clock)),
      ...(pbx.cel === undefined ? [] : await celFile(pbx.cel, clock)),
      ...peersOf(world, pbx),
    ]),
  );
  return found.flat();
};
