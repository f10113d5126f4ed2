// Who may import whom, and what may touch the runtime. Imports of types alone are erased before they are looked at
// here: they tie nothing together when the program runs, so they are free.

import { describe, expect, it } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dir, "..");

/**
 * Which folders' values a folder may import, besides its own: lib <- domain <- peers <- cli <- main. Peers never import
 * each other; the viewer stands above two of them, since it shows a call (call) on a page (views), and so does the
 * history, which makes lists of calls (call) of whole days (trace): handing it blocks, offsets and side files one by one
 * would be the same tie in more words.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  domain: ["lib"],
  config: ["domain", "lib"],
  scenarios: ["domain", "lib"],
  demo: ["domain", "lib"],
  trace: ["domain", "lib"],
  call: ["domain", "lib"],
  history: ["call", "trace", "domain", "lib"],
  telegram: ["domain", "lib"],
  metadata: ["domain", "lib"],
  invitations: ["domain", "lib"],
  operator: ["domain", "lib"],
  directory: ["domain", "lib"],
  metrics: ["domain", "lib"],
  webhooks: ["domain", "lib"],
  agent: ["domain", "lib"],
  views: ["domain"],
  viewer: ["call", "views", "domain", "lib"],
  cli: [
    ...["config", "scenarios", "demo", "trace", "call", "telegram", "metadata", "directory"],
    "history",
    "invitations",
    "operator",
    "metrics",
    ...["webhooks", "agent", "viewer", "views", "domain", "lib"],
  ],
  main: ["cli"],
};

/** What only tests import. */
const isTestCode = (file: string): boolean =>
  /\.test\.tsx?$|\/testing(\/|\.ts$)|\/suite\.ts$/.test(file);

const allFiles = [...new Bun.Glob("{src,views}/**/*.{ts,tsx}").scanSync(root)].filter(
  (file) => !file.endsWith(".d.ts"),
);
const files = allFiles.filter((file) => !isTestCode(file)).sort();

/** `src/call/talk.ts` is in `call`, `src/config.ts` and `src/config/values.ts` in `config`, `views/x.tsx` in `views`. */
const folderOf = (file: string): string => {
  const [top = "", next = ""] = file.split("/");
  return top === "src" ? next.replace(/\.tsx?$/, "") : top;
};

const sourceOf = (file: string): string => readFileSync(join(root, file), "utf8");
const tsconfig = readFileSync(join(root, "tsconfig.json"), "utf8");
const transpiler = (file: string): Bun.Transpiler =>
  new Bun.Transpiler({ loader: file.endsWith("x") ? "tsx" : "ts", tsconfig });

type Import = { readonly file: string; readonly path: string; readonly target: string };

/** The value imports of a file; `target` is a file of ours where `path` is relative, otherwise a module's name. */
const importsOf = (file: string): Import[] =>
  transpiler(file)
    .scanImports(sourceOf(file))
    // What the transpiler makes of JSX is a require call; `require` itself is not used here.
    .filter(({ kind }) => kind !== "require-call")
    .map(({ path }) => ({
      file,
      path,
      target: path.startsWith(".") ? relative(root, join(root, dirname(file), path)) : path,
    }));

const imports = files.flatMap(importsOf);
const own = imports.filter(({ path }) => path.startsWith("."));
const named = ({ file, path }: Import): string => `${file} imports ${path}`;

/** A file's code without comments and types. */
const codeOf = (file: string): string => transpiler(file).transformSync(sourceOf(file));
const filesWith = (pattern: RegExp, allowed: RegExp): string[] =>
  files.filter((file) => !allowed.test(file) && pattern.test(codeOf(file)));

describe("the sources", () => {
  it("are found, in folders that have their rules", () => {
    expect(files.length).toBeGreaterThan(20);
    expect(own.length).toBeGreaterThan(files.length);
    expect(files.filter((file) => mayImport[folderOf(file)] === undefined)).toEqual([]);
  });

  it("import in one direction", () => {
    const wrong = own.filter(({ file, target }) => {
      const [from, to] = [folderOf(file), folderOf(target)];
      return from !== to && to !== "package.json" && !mayImport[from]?.includes(to);
    });
    expect(wrong.map(named)).toEqual([]);
  });

  it("enter another folder by its index.ts where it has one", () => {
    const wrong = own.filter(({ file, target }) => {
      const face = `src/${folderOf(target)}/index.ts`;
      return folderOf(file) !== folderOf(target) && existsSync(join(root, face)) && target !== face;
    });
    expect(wrong.map(named)).toEqual([]);
  });

  it("never import what is there for tests", () => {
    const wrong = imports.filter(
      ({ path, target }) => path === "bun:test" || path === "fast-check" || isTestCode(target),
    );
    expect(wrong.map(named)).toEqual([]);
  });

  it("name files with their extension, so that Deno finds them", () => {
    const wrong = allFiles.flatMap((file) =>
      [...sourceOf(file).matchAll(/\bfrom "(\.[^"]*)"|\bimport "(\.[^"]*)"/g)]
        .map((match) => match[1] ?? match[2] ?? "")
        .filter((path) => !existsSync(join(root, dirname(file), path)))
        .map((path) => `${file} imports ${path}`),
    );
    expect(wrong).toEqual([]);
  });

  it("use Bun only where files, the embedded database and the command line are", () => {
    const bunPlaces = /^src\/(trace\/(?!codec\.ts)|directory\/sqlite|cli\/|main\.ts)/;
    expect(filesWith(/\bBun\s*[.[(]/, bunPlaces)).toEqual([]);
    const modules = imports.filter(
      ({ file, path }) => /^bun(:|$)/.test(path) && !bunPlaces.test(file),
    );
    expect(modules.map(named)).toEqual([]);
  });

  it("take the environment and the process's end only in the configuration and the command line", () => {
    const places = /^src\/(config\.ts|config\/|cli\/|main\.ts)/;
    expect(filesWith(/\bprocess\.(env|exit|exitCode|argv|on|once|kill)\b/, places)).toEqual([]);
  });

  it("keep pages free of the network, the clock and the machine", () => {
    const wrong = imports.filter(
      ({ file, path }) => file.startsWith("views/") && !path.startsWith("."),
    );
    expect(wrong.map(named)).toEqual([]);
    const machine = /\bfetch\s*\(|\bDate\.now\s*\(|\bnew Date\(\)|\bMath\.random\b/;
    expect(filesWith(machine, /^src\//)).toEqual([]);
  });

  it("have no default exports and no modules named after nothing", () => {
    expect(filesWith(/^export default\b/m, /^$/)).toEqual([]);
    expect(allFiles.filter((file) => /\/(utils|helpers|misc|common)\.tsx?$/.test(file))).toEqual(
      [],
    );
  });
});
