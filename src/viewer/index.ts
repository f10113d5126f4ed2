// The viewer's face: listener 8026.

export { createViewerApp, type Health, type ViewerOptions } from "./app.tsx";
export type { SecretLinks } from "./auth.ts";
export { type CallLinkScope, callPath, callToken } from "./links.ts";
