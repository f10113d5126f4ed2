// The viewer's face: listener 8026.

export { createViewerApp, type Health, type ViewerOptions } from "./app.tsx";
