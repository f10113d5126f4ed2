// The face of the CEL source: what Asterisk writes into a file of its own, as a journal for gaps and as a source by itself.

export { type CelAgentOptions, startCelAgent } from "./agent.ts";
export { createCelTranslator } from "./as-ami.ts";
export { CelJournal, type CelJournalOptions } from "./journal.ts";
export { type CelEvent, readCelLine } from "./line.ts";
