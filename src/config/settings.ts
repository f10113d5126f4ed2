// The one table of settings. Parsing, `--help` and docs/configuration.md come from it, so that a setting is added by
// adding its entry here and nowhere else. Names that are in use stay: operators have them in their unit files.

import { amiAddresses, celFiles, enterpriseNumbers, peerPatterns } from "./ami.ts";
import { archiveOrNone } from "./archive-url.ts";
import { nodeNameOrNone, serversOrNone } from "./cluster-servers.ts";
import { databaseUrlOrNone } from "./database-url.ts";
import {
  address,
  choice,
  countryOrNone,
  days,
  duration,
  fileOrNone,
  folder,
  folderOr,
  foldersOrNone,
  networksOr,
  operatorChatOrNone,
  orNone,
  port,
  recordingPattern,
  reminderDelay,
  size,
  timeZone,
  tokenOrNone,
  type ValueKind,
  webAddress,
  webAddressOrNone,
  wholeNumberKind,
  workingHours,
} from "./values.ts";

/** One setting: `--flag`, with the environment twin `CALLLOG_FLAG`. */
export type Setting<T> = {
  /** Without the dashes, such as `webhook-port`. */
  readonly flag: string;
  readonly kind: ValueKind<T>;
  /** As an operator would write it; it passes `kind` like any other value. */
  readonly default: string;
  /** One sentence, in the words of an operator. */
  readonly text: string;
  readonly group: SettingGroup;
  /** The commands (by their first word) that take the flag; a command that works on data takes those for `all`. */
  readonly commands: "all" | readonly string[];
  /** The value is never repeated in a message. */
  readonly secret?: true;
  /** Another variable that is read where the twin is not set: one that other programs use too. */
  readonly variable?: string;
  /** The flag may be given several times: its texts are put together with spaces. */
  readonly repeats?: true;
};

/** The headings of `--help` and of the document, in their order. */
export const SETTING_GROUPS = [
  "Listening",
  "Asterisk",
  "Data",
  "Calls and pages",
  "Telegram",
  "Outgoing webhooks",
  "Cluster",
  "Running",
] as const;
export type SettingGroup = (typeof SETTING_GROUPS)[number];

const setting = <T>(entry: Setting<T>): Setting<T> => entry;

export const SETTINGS = {
  host: setting({
    flag: "host",
    kind: address,
    default: "0.0.0.0",
    text: "Address on which the call pages are served.",
    group: "Listening",
    commands: ["serve", "link", "console", "health", "doctor"],
  }),
  port: setting({
    flag: "port",
    kind: port,
    default: "8026",
    text: "Port of the call pages; 0 takes any free one.",
    group: "Listening",
    commands: ["serve", "link", "console", "health", "doctor"],
  }),
  webhookHost: setting({
    flag: "webhook-host",
    kind: address,
    default: "0.0.0.0",
    text: "Address on which the events of Asterisk hosts are taken.",
    group: "Listening",
    commands: ["serve", "doctor"],
  }),
  webhookPort: setting({
    flag: "webhook-port",
    kind: port,
    default: "8000",
    text: "Port for the events of Asterisk hosts; 0 takes any free one.",
    group: "Listening",
    commands: ["serve", "doctor"],
  }),
  maxBodyBytes: setting({
    flag: "max-body-bytes",
    kind: size("1KiB", "16MiB"),
    default: "256KiB",
    text: "Largest body of an event; a larger one is answered 413.",
    group: "Listening",
    commands: ["serve", "agent"],
  }),
  webhookAllow: setting({
    flag: "webhook-allow",
    kind: networksOr("all", null),
    default: "all",
    text: "Whose events are taken; everybody else is answered 403 (/health and /metrics stay open).",
    group: "Listening",
    commands: ["serve", "doctor"],
  }),
  trustProxy: setting({
    flag: "trust-proxy",
    kind: networksOr("none", []),
    default: "none",
    text: "Proxies of your own whose X-Forwarded-For and X-Forwarded-Proto tell who asks, and whether over https; from others they are ignored.",
    group: "Listening",
    commands: ["serve", "doctor"],
  }),
  ami: setting({
    flag: "ami",
    kind: amiAddresses,
    default: "none",
    text: "Manager interface of an Asterisk that is listened to; may repeat.",
    group: "Asterisk",
    commands: ["serve", "agent", "doctor"],
    secret: true,
    repeats: true,
  }),
  cel: setting({
    flag: "cel",
    kind: celFiles,
    default: "none",
    text: "CEL file of an Asterisk (cel_custom), from which is read what happened while nobody listened: one or none for each --ami, in the same order; without --ami the file is the source. May repeat.",
    group: "Asterisk",
    commands: ["serve", "agent", "doctor"],
    repeats: true,
  }),
  amiEnterprises: setting({
    flag: "ami-enterprise",
    kind: enterpriseNumbers,
    default: "none",
    text: "Whose calls those are, one for each --ami (or --cel without --ami), in the same order.",
    group: "Asterisk",
    commands: ["serve", "agent", "doctor"],
    repeats: true,
  }),
  amiTrunks: setting({
    flag: "ami-trunks",
    kind: peerPatterns,
    default: "none",
    text: "Peers that are lines to the outside, where calllog doctor shows that it takes them for extensions; a list for each --ami.",
    group: "Asterisk",
    commands: ["serve", "agent", "doctor"],
    repeats: true,
  }),
  amiExtensions: setting({
    flag: "ami-extensions",
    kind: peerPatterns,
    default: "none",
    text: "Peers that are extensions, where calllog doctor shows that it takes them for lines; a list for each --ami.",
    group: "Asterisk",
    commands: ["serve", "agent", "doctor"],
    repeats: true,
  }),
  spoolDir: setting({
    flag: "spool-dir",
    kind: folderOr("beside", null),
    default: "beside",
    text: "Folder where events of --ami wait that cannot be handed over; beside is call_spool beside the folder of the records.",
    group: "Asterisk",
    commands: ["serve", "agent", "doctor"],
  }),
  token: setting({
    flag: "token",
    kind: tokenOrNone,
    default: "none",
    text: "The enterprise's webhook token at the server of calllog agent --to; in the variable it is not in the list of processes.",
    group: "Asterisk",
    commands: ["agent"],
    secret: true,
  }),
  dataDir: setting({
    flag: "data-dir",
    kind: folder,
    default: "./call_tracer",
    text: "Folder of the call records, one folder an enterprise; calllog.sqlite lies beside it.",
    group: "Data",
    commands: "all",
  }),
  databaseUrl: setting({
    flag: "database-url",
    kind: databaseUrlOrNone,
    default: "none",
    text: "PostgreSQL that holds the enterprises and people; with none it is calllog.sqlite. DATABASE_URL is read too.",
    group: "Data",
    commands: "all",
    secret: true,
    variable: "DATABASE_URL",
  }),
  retentionDays: setting({
    flag: "retention-days",
    kind: days(1, 3650),
    default: "14",
    text: "How many finished days of records are kept besides today.",
    group: "Data",
    commands: ["serve", "import", "archive", "doctor"],
  }),
  archive: setting({
    flag: "archive",
    kind: archiveOrNone,
    default: "none",
    text: "Object store where finished days are kept for years; its keys are the usual AWS_ variables. A day leaves this disk only when it is there.",
    group: "Data",
    commands: ["serve", "archive", "show", "calls", "doctor", "erase"],
  }),
  archiveCacheBytes: setting({
    flag: "archive-cache",
    kind: size("1MiB", "1024GiB"),
    default: "256MiB",
    text: "Room on the disk for what was read from the archive; the least recently used goes first.",
    group: "Data",
    commands: ["serve", "archive", "show", "calls", "erase"],
  }),
  archiveDays: setting({
    flag: "archive-days",
    kind: days(0, 36_500),
    default: "0",
    text: "How many days are kept in the archive; older ones are taken out of it. 0 keeps them for ever.",
    group: "Data",
    commands: ["serve", "archive"],
  }),
  durability: setting({
    flag: "durability",
    kind: choice("written", "synced"),
    default: "written",
    text: "When an event is answered 200: its line is in the file (survives the process), or on the disk (survives the machine).",
    group: "Data",
    commands: ["serve", "agent"],
  }),
  callTimeoutMs: setting({
    flag: "call-timeout",
    kind: duration("s", "1m", "7d"),
    default: "4h",
    text: "Equal ids further apart than this are different calls.",
    group: "Calls and pages",
    commands: ["serve", "calls", "tail", "show", "digest", "archive", "erase"],
  }),
  followUpHours: setting({
    flag: "follow-up-hours",
    kind: wholeNumberKind(1, 720),
    default: "72",
    text: "How many hours a missed call waits to be called back; then it counts as never returned.",
    group: "Calls and pages",
    commands: ["serve", "calls", "show", "digest"],
  }),
  missedMinWaitMs: setting({
    flag: "missed-min-wait",
    kind: duration("s", "0s", "5m"),
    default: "0s",
    text: "Callers who gave up sooner than this are owed no call back.",
    group: "Calls and pages",
    commands: ["serve", "calls", "show", "digest"],
  }),
  country: setting({
    flag: "country",
    kind: countryOrNone,
    default: "none",
    text: "Country in whose numbering plan local numbers are read (80291234567, 8 495 123-45-67): they are shown, dialled and found as international ones. An enterprise may have its own.",
    group: "Calls and pages",
    commands: ["serve", "calls", "tail", "show", "digest", "archive", "erase"],
  }),
  lang: setting({
    flag: "lang",
    kind: choice("ru", "en"),
    default: "ru",
    text: "Language of the cards in Telegram, and of pages where the reader asks for none.",
    group: "Calls and pages",
    commands: ["serve", "calls", "tail", "show", "digest", "archive", "erase"],
  }),
  timeZone: setting({
    flag: "timezone",
    kind: timeZone,
    default: "system",
    text: "Time zone of the times on pages, and of an import's files; system is that of this machine.",
    group: "Calls and pages",
    commands: ["serve", "calls", "tail", "show", "import", "link", "digest", "doctor"],
  }),
  publicUrl: setting({
    flag: "public-url",
    kind: webAddressOrNone,
    default: "none",
    text: "Address at which people reach the pages; Telegram's buttons need it, with a host that has a dot.",
    group: "Calls and pages",
    commands: ["serve", "link", "console", "doctor"],
  }),
  linkTtlMs: setting({
    flag: "link-ttl",
    kind: duration("d", "1m", "3650d"),
    default: "14d",
    text: "How long the link to one call, as buttons carry it, opens its page.",
    group: "Calls and pages",
    commands: ["serve", "link"],
  }),
  secretLinks: setting({
    flag: "secret-links",
    kind: choice("allow", "deny"),
    default: "allow",
    text: "Whether an enterprise's secret opens the page of a call; with deny only the links of single calls do.",
    group: "Calls and pages",
    commands: ["serve"],
  }),
  console: setting({
    flag: "console",
    kind: choice("allow", "deny"),
    default: "allow",
    text: "Whether calllog console opens the operator's console, over https through a proxy of --trust-proxy or on this machine.",
    group: "Calls and pages",
    commands: ["serve"],
  }),
  recordings: setting({
    flag: "recordings",
    kind: foldersOrNone,
    default: "none",
    text: "Folder in which the PBX keeps the recordings of calls: their pages play them. It is only read; may repeat.",
    group: "Calls and pages",
    commands: ["serve", "show", "doctor"],
    repeats: true,
  }),
  recordingPattern: setting({
    flag: "recording-pattern",
    kind: recordingPattern,
    default: "{uniqueId}",
    text: "How those files are named; {uniqueId} alone takes names that hold one of the call's ids anywhere, as FreePBX, MikoPBX and MixMonitor write them.",
    group: "Calls and pages",
    commands: ["serve", "show", "doctor"],
  }),
  linkRecordings: setting({
    flag: "link-recordings",
    kind: choice("allow", "deny"),
    default: "allow",
    text: "Whether the link to one call, as buttons carry it, opens the call's recordings too; the enterprise's secret always does.",
    group: "Calls and pages",
    commands: ["serve"],
  }),
  metadataUrl: setting({
    flag: "metadata-url",
    kind: webAddressOrNone,
    default: "none",
    text: "Address of the metadata service that knows the names of customers, managers and lines.",
    group: "Calls and pages",
    commands: ["serve", "doctor"],
  }),
  telegramApiRoot: setting({
    flag: "telegram-api-root",
    kind: webAddress,
    default: "https://api.telegram.org",
    text: "Address of the Telegram Bot API; another one for a Bot API server of your own.",
    group: "Telegram",
    commands: ["serve", "doctor", "user", "erase"],
  }),
  telegramMode: setting({
    flag: "telegram-mode",
    kind: choice("replace", "edit"),
    default: "replace",
    text: "How a card follows another: the previous one is deleted and the next one sent, or one message is edited.",
    group: "Telegram",
    commands: ["serve"],
  }),
  catchUpMs: setting({
    flag: "catch-up-minutes",
    kind: duration("m", "0m", "3d"),
    default: "60",
    text: "After a time in which the service was down, calls not older than this are still announced.",
    group: "Telegram",
    commands: ["serve"],
  }),
  remindAfterMs: setting({
    flag: "remind-after",
    kind: orNone(reminderDelay),
    default: "none",
    text: "Chats are reminded once of a missed call that nobody has returned after this long, in --hours. An enterprise may have its own.",
    group: "Telegram",
    commands: ["serve"],
  }),
  workingHours: setting({
    flag: "hours",
    kind: workingHours,
    default: "mon-fri 09:00-18:00",
    text: "When people work, by the clocks of --timezone: reminders come in these hours alone. An enterprise may have its own.",
    group: "Telegram",
    commands: ["serve"],
  }),
  operatorChat: setting({
    flag: "operator-chat",
    kind: operatorChatOrNone,
    default: "none",
    text: "Chat of whoever runs this, written to by that enterprise's bot when an enterprise falls silent, the disk fills or a bot is revoked.",
    group: "Telegram",
    commands: ["serve", "doctor"],
  }),
  hookAllowPrivate: setting({
    flag: "hook-allow-private",
    kind: networksOr("none", []),
    default: "none",
    text: "Networks of your own that outgoing webhooks may go to; with none they go to public addresses alone.",
    group: "Outgoing webhooks",
    commands: ["serve", "hook", "doctor"],
  }),
  cluster: setting({
    flag: "cluster",
    kind: serversOrNone,
    default: "none",
    text: "NATS servers that carry the records between several machines; each takes everything and has all files. Needs --node and --database-url.",
    group: "Cluster",
    commands: ["serve", "cluster", "doctor"],
    secret: true,
  }),
  node: setting({
    flag: "node",
    kind: nodeNameOrNone,
    default: "none",
    text: "What this machine is called in the cluster; no other has the same name.",
    group: "Cluster",
    commands: ["serve", "cluster", "doctor"],
  }),
  shutdownTimeoutMs: setting({
    flag: "shutdown-timeout",
    kind: duration("s", "0s", "10m"),
    default: "10s",
    text: "How long requests under way may take to finish when the program is stopped.",
    group: "Running",
    commands: ["serve", "agent"],
  }),
  workers: setting({
    flag: "workers",
    kind: wholeNumberKind(1, 64),
    default: "1",
    text: "Processes that take events and serve pages on the same two ports; one of them brings cards to Telegram.",
    group: "Running",
    commands: ["serve"],
  }),
  logLevel: setting({
    flag: "log-level",
    kind: choice("debug", "info", "warn", "error"),
    default: "info",
    text: "The least important messages that are still logged.",
    group: "Running",
    commands: ["serve", "agent"],
  }),
  logFile: setting({
    flag: "log-file",
    kind: fileOrNone,
    default: "none",
    text: "File for the service's log, kept below 10 MiB with five older ones beside it; none logs to standard error.",
    group: "Running",
    commands: ["serve", "agent", "doctor"],
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;

type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** Every setting with its value: numbers in the unit of the name, folders absolute. */
export type Config = { readonly [N in SettingName]: ValueOf<(typeof SETTINGS)[N]> };

/** The table in its order. */
export const settingEntries = (): [SettingName, Setting<unknown>][] =>
  Object.entries(SETTINGS) as [SettingName, Setting<unknown>][];

/** `webhook-port` → `CALLLOG_WEBHOOK_PORT`. */
export const environmentName = (flag: string): string =>
  `CALLLOG_${flag.replaceAll("-", "_").toUpperCase()}`;

/** Whether the command whose first word this is takes the setting's flag. */
export const concerns = (entry: Setting<unknown>, command: string): boolean =>
  entry.commands === "all" || entry.commands.includes(command === "demo" ? "serve" : command);
