// What the listeners speak, for programs that make clients.

export { openApiDocument } from "./document.ts";
