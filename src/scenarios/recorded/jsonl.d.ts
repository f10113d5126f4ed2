// `import text from "./x.jsonl" with { type: "text" }` gives the file's text, in Bun and in the executable.

declare module "*.jsonl" {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: a text import has no other name
  export default text;
}
