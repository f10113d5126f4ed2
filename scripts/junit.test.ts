import { describe, expect, it } from "bun:test";
import { countJunit } from "./junit.ts";

// As Bun 1.4.5 writes it, shortened.
const BUN_REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="6" assertions="1" failures="2" skipped="2" time="0.03">
  <testsuite name="a.test.ts" file="a.test.ts" tests="6" failures="2" skipped="2" time="0.005">
    <testcase name="a &lt;x&gt; &amp; &quot;y&quot;" classname="" time="0.1" file="a.test.ts" line="2" />
    <testcase name="sk" classname="group" time="0" file="a.test.ts" line="2">
      <skipped />
    </testcase>
    <testcase name="td &lt;b&gt;" classname="" time="0" file="a.test.ts" line="2">
      <skipped message="TODO" />
    </testcase>
    <testcase name="bad" classname="" time="0.0002" file="a.test.ts" line="2" assertions="1">
      <failure type="AssertionError" message="&lt;testcase name=">expected &lt;skipped /&gt;
      at a.test.ts:2:99</failure>
    </testcase>
    <testsuite name="d" file="a.test.ts" line="3" tests="1">
      <testcase name="in" classname="d" time="0.000007" file="a.test.ts" line="3" />
      <testcase name="err" classname="d" time="0" file="a.test.ts" line="3"><error/></testcase>
    </testsuite>
  </testsuite>
</testsuites>`;

const DENO_REPORT = `<testsuites name="deno test" tests="2" failures="1" errors="0" time="0.001">
    <testsuite name="./smoke.ts" tests="2" disabled="1" errors="0" failures="1">
        <testcase name="x" classname="./smoke.ts" time="0.001" line="1" col="6">
        </testcase>
        <testcase name="i" classname="./smoke.ts" time="0.000" line="1" col="34">
            <skipped/>
        </testcase>
    </testsuite>
</testsuites>`;

describe("countJunit", () => {
  it("counts each test once, groups within groups too, and names the skipped", () => {
    expect(countJunit(BUN_REPORT)).toEqual({
      passed: 2,
      failed: 2,
      skipped: 2,
      skippedNames: ["a.test.ts > group > sk", "a.test.ts > td <b>"],
    });
  });

  it("reads what Deno writes", () => {
    expect(countJunit(DENO_REPORT)).toMatchObject({ passed: 1, failed: 0, skipped: 1 });
  });

  it("finds nothing in an empty report", () => {
    expect(countJunit("<testsuites/>")).toMatchObject({ passed: 0, failed: 0, skipped: 0 });
  });
});
