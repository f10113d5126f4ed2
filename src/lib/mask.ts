// Keeps secrets out of what people read: service logs, error texts, recorded URLs. Recognises secrets by their
// surroundings (`token=…`, `"Token":"…"`, `user:password@`) and bot tokens by their shape; a bare secret without any
// of these cannot be told from other text, so callers must not log one. Hides too much rather than too little.

const MASK = "***";

/** Ends of names whose value is a secret: `botToken`, `X-Token`, `bot_token` all match. */
const NAME = "(?:token|secret|passw(?:or)?d|api[_-]?key)";

/** A value in quotes, up to the same quotes (with as many backslashes before them) or the end of a torn text. */
const quoted = (group: number): string =>
  `(\\\\*["'])(?:(?!\\${group})(?:\\\\+.|[^\\\\]))*(?=\\${group}|$)`;

const RULES: readonly (readonly [RegExp, string])[] = [
  // A PostgreSQL address may hold an unescaped `/` or `#` in its password: everything up to the last @.
  [/\b((?:postgres|postgresql|mysql):\/\/)[^\s"'<>]*@/gi, `$1${MASK}@`],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#"'<>]*@/gi, `$1${MASK}@`],
  // 123456:ABC…, also inside /bot123456:ABC…/; times such as 09:08:42 have fewer digits.
  [/(?<!\d)\d{5,}(?::|%3A)[A-Za-z0-9_-]{3,}/gi, MASK],
  [/\b(authorization\\*["']?\s*[:=]\s*\\*["']?)(?:[a-z]+ +)?[^\s"',;\\]+/gi, `$1${MASK}`],
  [/\b((?:bearer|basic) +)[A-Za-z0-9._~+/=-]{8,}/gi, `$1${MASK}`],
  // "Token":"…", also escaped inside another JSON string; token="…"; secret: '…' as inspection prints it.
  [new RegExp(`(${NAME}\\\\*["']?\\s*[:=]\\s*)${quoted(2)}`, "gis"), `$1$2${MASK}`],
  // "Token":123, token=…, secret: …, and the same percent-encoded.
  [
    new RegExp(
      `(${NAME}(?:\\\\*["']|%22)?\\s*(?:[:=]|%3A|%3D)\\s*(?:%22)?)[^\\s&"'<>;,|}\\]\\\\]+`,
      "gi",
    ),
    `$1${MASK}`,
  ],
];

/** The text with every recognisable secret replaced by `***`. */
export const maskSecrets = (text: string): string =>
  RULES.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text);

const SECRET_KEY = new RegExp(`${NAME}s?$`, "i");
const MAX_DEPTH = 6;

const maskAt = (value: unknown, depth: number): unknown => {
  if (typeof value === "string") return maskSecrets(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "…";
  if (value instanceof Error) return maskError(value, depth);
  if (value instanceof URL) return maskSecrets(value.href);
  if (value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((item) => maskAt(item, depth + 1));
  return maskProperties(value, depth);
};

const maskProperties = (value: object, depth: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECRET_KEY.test(key) && item !== null && item !== undefined ? MASK : maskAt(item, depth + 1),
    ]),
  );

const maskError = (error: Error, depth: number): Record<string, unknown> => ({
  ...maskProperties(error, depth),
  name: error.name,
  message: maskSecrets(error.message),
  ...(error.stack === undefined ? {} : { stack: maskSecrets(error.stack) }),
  ...(error.cause === undefined ? {} : { cause: maskAt(error.cause, depth + 1) }),
});

/**
 * A copy of a value fit for a log: strings masked, values under names such as `secret` or `botToken` hidden whole,
 * errors turned into plain objects with their causes, nesting cut at 6 levels.
 */
export const maskValue = (value: unknown): unknown => maskAt(value, 0);
