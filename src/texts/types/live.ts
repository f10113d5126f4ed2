// What a page that follows a call says of its connection.

export type LiveTexts = { readonly on: string; readonly lost: string; readonly off: string };
