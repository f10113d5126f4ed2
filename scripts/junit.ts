// Counts the tests of a JUnit report, as `bun test` and `deno test` write them. Reads only what those two write: a
// `<testcase …>` a test, holding `<failure>`, `<error>` or `<skipped>` where it did not simply pass.

export type TestCounts = {
  readonly passed: number;
  readonly failed: number;
  /** Skipped or only planned. */
  readonly skipped: number;
  /** The names of the skipped ones, after their files and groups. */
  readonly skippedNames: readonly string[];
};

const unescapeXml = (text: string): string =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");

const attribute = (tag: string, name: string): string =>
  unescapeXml(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? "");

/** Counts the test cases of one report. */
export const countJunit = (xml: string): TestCounts => {
  let [passed, failed, skipped] = [0, 0, 0];
  const skippedNames: string[] = [];
  // A `>` inside an attribute is escaped in both reports, so a tag ends at the first one.
  for (const [, tag = "", content = ""] of xml.matchAll(
    /<testcase(\s[^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs,
  )) {
    if (/<(failure|error)[\s>/]/.test(content)) failed++;
    else if (/<skipped[\s>/]/.test(content)) {
      skipped++;
      const names = ["file", "classname", "name"].map((name) => attribute(tag, name));
      skippedNames.push(names.filter((name) => name !== "").join(" > "));
    } else passed++;
  }
  return { passed, failed, skipped, skippedNames };
};
