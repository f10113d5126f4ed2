// The viewer's face: listener 8026.

export { createViewerApp, type ViewerOptions } from "./app.tsx";
export type { SecretLinks } from "./auth.ts";
export { type CallJson, callJson, recordJson } from "./call-json.ts";
export { callRowJson } from "./calls-json.ts";
export { MAX_CSV_ROWS } from "./calls-query.ts";
export { BYTE_ORDER_MARK, csvHeader, csvLine } from "./csv.ts";
export {
  type CallLinkScope,
  callPath,
  callToken,
  type ListLinkScope,
  listPath,
  listToken,
} from "./links.ts";
export type { ListedNumbers, ListNames } from "./list-names.ts";
export { maskedFind } from "./masked-find.ts";
export { readerLang } from "./negotiate.ts";
export { routeOf } from "./routes.ts";
export { NO_STORY, storyOf } from "./story.ts";
