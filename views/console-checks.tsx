// What the checks of doctor found, on the console's page of the service: what is wrong first, what is good folded away. Their
// words are English, as the command's are.

import { consoleTextsOf } from "../src/texts/index.ts";
import { type ConsoleSession, FormToken } from "./console-frame.tsx";
import type { CheckFinding } from "./console-view.ts";

const TONES = { ok: "good", note: "warn", wrong: "bad" } as const;

const Findings = ({
  findings,
  session,
}: {
  readonly findings: readonly CheckFinding[];
  readonly session: ConsoleSession;
}) => {
  const { level: words } = consoleTextsOf(session.lang).faults;
  return (
    <ul class="findings">
      {findings.map(({ level, what, finding, todo }) => (
        <li>
          <span class={`badge ${TONES[level]}`} safe>
            {words[level]}
          </span>{" "}
          <span lang="en" safe>
            {`${what}: ${finding}${todo === undefined ? "" : `; ${todo}`}`}
          </span>
        </li>
      ))}
    </ul>
  );
};

/** The section of the page. */
export const ConsoleChecks = (props: {
  readonly session: ConsoleSession;
  readonly findings: readonly CheckFinding[];
  /** Whether all checks were made, or those that cost little. */
  readonly isAll: boolean;
}): JSX.Element => {
  const { session, findings, isAll } = props;
  const words = consoleTextsOf(session.lang).faults;
  const of = (level: CheckFinding["level"]): CheckFinding[] =>
    findings.filter((finding) => finding.level === level);
  const [wrong, notes, good] = [of("wrong"), of("note"), of("ok")];
  const told = [
    ...(wrong.length > 0 ? [words.wrong(wrong.length)] : []),
    ...(notes.length > 0 ? [words.notes(notes.length)] : []),
  ];
  return (
    <section class="card" aria-labelledby="checks">
      <h2 id="checks" safe>
        {words.checks}
      </h2>
      <p safe>{isAll ? words.allChecksText : words.checksText}</p>
      <p class={wrong.length > 0 ? "bad-text" : notes.length > 0 ? "warn-text" : "good-text"} safe>
        {told.length === 0 ? words.nothingWrong : told.join(", ")}
      </p>
      {told.length === 0 ? "" : <Findings findings={[...wrong, ...notes]} session={session} />}
      {good.length === 0 ? (
        ""
      ) : (
        <details>
          <summary safe>{words.good(good.length)}</summary>
          <Findings findings={good} session={session} />
        </details>
      )}
      <form class="acts" method="post" action="/console/health">
        <FormToken session={session} />
        <button class="button" type="submit" safe>
          {words.runAll}
        </button>
      </form>
    </section>
  );
};
