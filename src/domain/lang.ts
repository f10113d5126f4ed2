// The languages that people are spoken to in.

export type Lang = "ru" | "en";
