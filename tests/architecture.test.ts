// Who may import whom, and what may touch the runtime. The folders are layers: a file imports from its own layer and from
// those below it, types as well as values, and no files import each other in a circle.

import { describe, expect, it } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dir, "..");

/**
 * The layers, lowest first. `lib` knows nothing of telephones; `asterisk` is all that the program knows of Asterisk's
 * ways; `changes` is what an operator changes, by a command or in the console; `service` puts the running program together; `cli` is the command line.
 */
const LAYERS: readonly string[] = [
  "lib",
  "asterisk",
  "domain",
  "config",
  "store",
  "call",
  "recordings",
  "texts",
  "people",
  "metadata",
  "cards",
  "channels",
  "sources",
  "views",
  "pages",
  "hooks",
  "changes",
  "console",
  "openapi",
  "watch",
  "scenarios",
  "demo",
  "service",
  "doctor",
  "cli",
  "main",
];

/** What only tests import. */
const isTestCode = (file: string): boolean =>
  /\.test\.tsx?$|\/testing(\/|\.ts$)|\/suite\.ts$/.test(file);

const allFiles = [...new Bun.Glob("{src,views}/**/*.{ts,tsx}").scanSync(root)].filter(
  (file) => !file.endsWith(".d.ts"),
);
const files = allFiles.filter((file) => !isTestCode(file)).sort();

/** `src/call/list/row.ts` is in the layer `call`, `views/x.tsx` in `views`, `src/main.ts` in `main`. */
const layerOf = (file: string): string => {
  const [top = "", next = ""] = file.split("/");
  return top === "src" ? next.replace(/\.tsx?$/, "") : top;
};
const heightOf = (file: string): number => LAYERS.indexOf(layerOf(file));

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
const named = ({ file, path }: Import): string => `${file} imports ${path}`;

/** Every import of a file of ours, those of types too, which the transpiler has erased from `imports`. */
const own: readonly Import[] = files.flatMap((file) =>
  [...sourceOf(file).matchAll(/^(?:import|export)\b[^;"]*?["'](\.{1,2}\/[^"']+)["']/gm)]
    .map((match) => match[1] ?? "")
    .map((path) => ({ file, path, target: relative(root, join(root, dirname(file), path)) }))
    .filter(({ target }) => target !== "package.json"),
);

/** The files that can be reached from themselves by following imports. */
const circularFiles = (): string[] => {
  const targetsOf = new Map(files.map((file): [string, string[]] => [file, []]));
  for (const { file, target } of own) targetsOf.get(file)?.push(target);
  const reaches = (from: string): boolean => {
    const seen = new Set<string>();
    const open = [...(targetsOf.get(from) ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === from) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...(targetsOf.get(next) ?? []));
    }
    return false;
  };
  return files.filter(reaches);
};

/** The face that a file of another layer must be entered by: the outermost `index.ts` above it, if there is one. */
const isFaceOrHasNone = (target: string): boolean => {
  if (target.endsWith("/index.ts")) return true;
  for (let folder = dirname(target); folder.includes("/"); folder = dirname(folder)) {
    if (existsSync(join(root, folder, "index.ts"))) return false;
  }
  return true;
};

/** A file's code without comments and types. */
const codeOf = (file: string): string => transpiler(file).transformSync(sourceOf(file));
const filesWith = (pattern: RegExp, allowed: RegExp): string[] =>
  files.filter((file) => !allowed.test(file) && pattern.test(codeOf(file)));

describe("the sources", () => {
  it("are found, in layers that are named here", () => {
    expect(files.length).toBeGreaterThan(20);
    expect(own.length).toBeGreaterThan(files.length);
    expect(files.filter((file) => heightOf(file) < 0)).toEqual([]);
  });

  it("import from their own layer and from lower ones, types too", () => {
    const wrong = own.filter(({ file, target }) => heightOf(target) > heightOf(file));
    expect(wrong.map(named)).toEqual([]);
  });

  it("do not import each other in a circle, types too", () => {
    expect(circularFiles()).toEqual([]);
  });

  it("enter another layer's folder by its index.ts where it has one", () => {
    const wrong = own.filter(
      ({ file, target }) => layerOf(file) !== layerOf(target) && !isFaceOrHasNone(target),
    );
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
    const bunPlaces =
      /^src\/(lib\/file-lock\.ts|store\/(?!format\/codec\.ts)|people\/sqlite|sources\/history\/(?:[\w-]+\/)?[\w-]+-sqlite\.ts|service\/|cli\/|main\.ts)/;
    expect(filesWith(/\bBun\s*[.[(]/, bunPlaces)).toEqual([]);
    const modules = imports.filter(
      ({ file, path }) => /^bun(:|$)/.test(path) && !bunPlaces.test(file),
    );
    expect(modules.map(named)).toEqual([]);
  });

  it("take the environment and the process's end only in the configuration and the command line", () => {
    const places = /^src\/(config\/|service\/|cli\/|main\.ts)/;
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
