import { describe, expect, it } from "bun:test";
import { join } from "node:path";

const main = join(import.meta.dir, "main.ts");
/** Bun takes the JSX settings of the sources from the tsconfig.json of the working directory. */
const root = join(import.meta.dir, "..");

const program = async (argv: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const child = Bun.spawn([process.execPath, "run", main, ...argv], {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
};

describe("main", () => {
  it("gives the real arguments and environment to a command, and ends with its code", async () => {
    expect(await program(["version"])).toMatchObject({ code: 0, stderr: "" });
    const wrong = await program(["enterprise", "list"], { CALLLOG_LOG_LEVEL: "loud" });
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain(
      "CALLLOG_LOG_LEVEL=loud: must be one of debug, info, warn, error",
    );
  });

  it("sets NODE_ENV before it loads anything else", async () => {
    const imports = new Bun.Transpiler({ loader: "ts" }).scanImports(await Bun.file(main).text());
    expect(imports[0]?.path).toBe("./service/production.ts");
    const script = `await import(${JSON.stringify(join(import.meta.dir, "service/production.ts"))});
      console.log(Reflect.get(process.env, "NODE_ENV"))`;
    const child = Bun.spawn([process.execPath, "-e", script], {
      env: { NODE_ENV: "development" },
      stdout: "pipe",
    });
    expect(await new Response(child.stdout).text()).toBe("production\n");
  });
});
