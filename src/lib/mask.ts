// Keeps secrets out of what people read: service logs, error texts, recorded URLs. Recognises secrets by their
// surroundings (`token=…`, `"Token":"…"`, `user:password@`) and bot tokens by their shape; a bare secret without any
// of these cannot be told from other text, so callers must not log one. Hides too much rather than too little.

const MASK = "***";

/** Names whose value is a secret, whatever comes before or after in the name (`botToken`, `bot_token`, `X-Token`). */
const SECRET_NAME = "[\\w-]*(?:token|secret|passw(?:or)?d|api[_-]?key)";

const RULES: readonly (readonly [RegExp, string])[] = [
  // A PostgreSQL address may hold an unescaped `/` or `#` in its password: everything up to the last @.
  [/\b((?:postgres|postgresql|mysql):\/\/)[^\s"'<>]*@/gi, `$1${MASK}@`],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi, `$1${MASK}@`],
  // 123456:ABC…, also inside /bot123456:ABC…/; times such as 09:08:42 have fewer digits.
  [/(?<!\d)\d{5,}(?::|%3A)[A-Za-z0-9_-]{3,}/gi, MASK],
  [/\b(authorization["']?\s*[:=]\s*["']?)(?:[a-z]+\s+)?[^\s"',;]+/gi, `$1${MASK}`],
  [/\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}/gi, `$1${MASK}`],
  // JSON, plain or inside another JSON string: "Token":"…", \"Token\":\"…\", "Token":123.
  [
    new RegExp(
      `(\\\\*["']${SECRET_NAME}\\\\*["']\\s*:\\s*)(?:(\\\\*["'])(?:(?!\\2)[^\\\\]|(?!\\2)\\\\+.)*(?:\\2|$)|[^\\s,}\\]"']+)`,
      "gis",
    ),
    `$1"${MASK}"`,
  ],
  [new RegExp(`\\b(${SECRET_NAME}(?:=|%3D))[^\\s&"'<>;,|]+`, "gi"), `$1${MASK}`],
  [new RegExp(`\\b(${SECRET_NAME}:\\s*)[^\\s&"'<>;,|]+`, "gi"), `$1${MASK}`],
];

/** The text with every recognisable secret replaced by `***`. */
export const maskSecrets = (text: string): string =>
  RULES.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text);

const SECRET_KEY = new RegExp(`^${SECRET_NAME}s?$`, "i");
const MAX_DEPTH = 6;

const maskAt = (value: unknown, depth: number): unknown => {
  if (typeof value === "string") return maskSecrets(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "…";
  if (value instanceof Error) return maskError(value, depth);
  if (value instanceof URL) return maskSecrets(value.href);
  if (value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((item) => maskAt(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECRET_KEY.test(key) && item !== null && item !== undefined ? MASK : maskAt(item, depth + 1),
    ]),
  );
};

const maskError = (error: Error, depth: number): unknown => ({
  ...(maskAt({ ...error }, depth + 1) as object),
  name: error.name,
  message: maskSecrets(error.message),
  ...(error.stack === undefined ? {} : { stack: maskSecrets(error.stack) }),
  ...(error.cause === undefined ? {} : { cause: maskAt(error.cause, depth + 1) }),
});

/**
 * A copy of a value fit for a log: strings masked, values under names such as `secret` or `botToken` hidden whole,
 * errors turned into plain objects, nesting cut at 6 levels.
 */
export const maskValue = (value: unknown): unknown => maskAt(value, 0);
