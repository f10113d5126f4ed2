import { expect, it } from "bun:test";
import { join } from "node:path";
import { environmentName, settingEntries } from "../src/config/settings.ts";
import { configurationDocument } from "./gen-config-docs.ts";

it("docs/configuration.md is what the table of settings says", async () => {
  const path = join(import.meta.dir, "../docs/configuration.md");
  expect(await Bun.file(path).text()).toBe(configurationDocument());
});

it("the document has every setting in exactly one row", () => {
  const rows = configurationDocument()
    .split("\n")
    .filter((line) => line.startsWith("| `--"));
  expect(rows).toHaveLength(settingEntries().length);
  for (const [, { flag, default: text }] of settingEntries()) {
    const own = rows.filter((line) => line.startsWith(`| \`--${flag}\``));
    expect(own).toHaveLength(1);
    expect(own[0]).toContain(environmentName(flag));
    expect(own[0]).toContain(`\`${text}\``);
  }
});
