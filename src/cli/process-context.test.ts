import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "calllog-process-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program of a few lines with the real process as its context. */
const start = (body: string, stdoutPath?: string) => {
  const script = join(folder, "program.ts");
  const module = JSON.stringify(join(import.meta.dir, "process-context.ts"));
  writeFileSync(
    script,
    `import { processContext } from ${module}; const { context, finish } = processContext(); ${body}`,
  );
  const command = [process.execPath, "run", script];
  // A redirection of the shell, since a process is seldom given a file that cannot be written.
  const redirected = ["sh", "-c", `exec "$@" > ${stdoutPath}`, "sh", ...command];
  return Bun.spawn(stdoutPath === undefined ? command : redirected, {
    stdout: "pipe",
    stderr: "pipe",
  });
};

const textUntil = async (reader: ReadableStreamDefaultReader<Uint8Array>, end: string) => {
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    text += new TextDecoder().decode(value);
    if (done || text.includes(end)) return text;
  }
};

const UNTIL_STOPPED = `
  const signal = context.stopSignal();
  setInterval(() => undefined, 1_000);
  signal.addEventListener("abort", () => {
    context.stdout.write("stopping\\n");
    if (process.env.STAYS !== "1") finish(0);
  });
  context.stdout.write("ready\\n");`;

describe("processContext", () => {
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    it(`lets a command end in its own time at ${name}`, async () => {
      const child = start(UNTIL_STOPPED);
      const reader = child.stdout.getReader();
      await textUntil(reader, "ready");
      child.kill(name);
      expect(await textUntil(reader, "stopping")).toContain("stopping");
      expect(await child.exited).toBe(0);
    });
  }

  it("ends a command that does not come to an end at the second signal", async () => {
    const child = start(`process.env.STAYS = "1"; ${UNTIL_STOPPED}`);
    const reader = child.stdout.getReader();
    await textUntil(reader, "ready");
    child.kill("SIGTERM");
    await textUntil(reader, "stopping");
    child.kill("SIGTERM");
    await child.exited;
    expect(child.signalCode).toBe("SIGTERM");
  });

  it("leaves the signals alone for a command that does not ask", async () => {
    const child = start(`setInterval(() => undefined, 1_000); context.stdout.write("ready\\n");`);
    await textUntil(child.stdout.getReader(), "ready");
    child.kill("SIGTERM");
    await child.exited;
    expect(child.signalCode).toBe("SIGTERM");
  });

  it("writes everything before it ends, with the code it is given", async () => {
    const child = start(`context.stdout.write("x".repeat(1_000_000)); finish(2);`);
    expect((await new Response(child.stdout).text()).length).toBe(1_000_000);
    expect(await child.exited).toBe(2);
  });

  it("ends quietly where its reader has gone", async () => {
    const child = start(`
      const more = () => { context.stdout.write("line\\n".repeat(1_000)); setImmediate(more); };
      more();`);
    const reader = child.stdout.getReader();
    await textUntil(reader, "line");
    await reader.cancel();
    expect(await child.exited).toBe(0);
    expect(await new Response(child.stderr).text()).toBe("");
  });

  it("goes on where the reader of its log has gone", async () => {
    const child = start(`
      let lines = 0;
      const more = () => {
        context.stderr.write("line\\n".repeat(1_000));
        if (++lines > 200) finish(0); else setImmediate(more);
      };
      more();`);
    const reader = child.stderr.getReader();
    await textUntil(reader, "line");
    await reader.cancel();
    expect(await child.exited).toBe(0);
  });

  it("says so and fails where the output cannot be written", async () => {
    const child = start(`context.stdout.write("x\\n"); finish(0);`, "/dev/full");
    expect(await new Response(child.stderr).text()).toStartWith(
      "calllog: cannot write the output: ",
    );
    expect(await child.exited).toBe(1);
  });
});
