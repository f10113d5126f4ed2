/** What a text may be, and the words that say so: `rule` completes "must be …". */
export type TextRule = { readonly allows: (text: string) => boolean; readonly rule: string };
