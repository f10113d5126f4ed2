// The operator's console: its face.

export { type Console, type ConsoleOptions, createConsole, isConsolePath } from "./app.tsx";
export { type ConsoleStore, LINK_TTL_MS, openConsoleStore, SESSION_TTL_MS } from "./store.ts";
