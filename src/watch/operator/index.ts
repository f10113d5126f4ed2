// What an operator is told without asking. Calls, files, Telegram and the directory are injected.

export type { News, Trouble } from "./news.ts";
export { SLOT_MS } from "./silence.ts";
export { LOOK_EVERY_MS, type Operator, type OperatorOptions, startOperator } from "./watch.ts";
