// The operator's console: its face.

export { type Console, type ConsoleOptions, createConsole, isConsolePath } from "./app.tsx";
export { type Audit, type AuditEntry, openAudit } from "./audit.ts";
export { audited, rotateSecret } from "./changes.ts";
export { makeInvitation } from "./invite.ts";
export { type ConsoleStore, LINK_TTL_MS, openConsoleStore, SESSION_TTL_MS } from "./store.ts";
