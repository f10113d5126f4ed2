// The console's page of the service's health.

import { consoleTextsOf, textsOf } from "../src/texts/index.ts";
import { ConsoleChecks } from "./console-checks.tsx";
import { RefusalTable } from "./console-faults.tsx";
import { ConsolePage, type ConsoleSession } from "./console-frame.tsx";
import type { CheckFinding, ConsoleHealth, Refused } from "./console-view.ts";
import type { Zone } from "./format.ts";

const TONES = { ok: "good", degraded: "warn", failing: "bad" } as const;

const Figure = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <div>
    <dt safe>{name}</dt>
    <dd safe>{value}</dd>
  </div>
);

/** Health as a document. */
export const ConsoleHealthPage = (props: {
  readonly session: ConsoleSession;
  readonly health: ConsoleHealth;
  readonly zone: Zone;
  readonly checks:
    | { readonly findings: readonly CheckFinding[]; readonly isAll: boolean }
    | undefined;
  /** Events whose enterprise is not known, of that many days. */
  readonly refusals: readonly Refused[];
  readonly days: number;
}): JSX.Element => {
  const { session, health, zone, checks, refusals, days } = props;
  const { lang } = session;
  const { health: words, faults } = consoleTextsOf(lang);
  const gigabytes = new Intl.NumberFormat(lang, {
    style: "unit",
    unit: "gigabyte",
    maximumFractionDigits: 1,
  });
  const { freeBytes, queues } = health;
  return (
    <ConsolePage session={session} title={words.title} place="health">
      <section class="card">
        <p class="state">
          <span class={`badge ${TONES[health.status]}`} safe>
            {words.status[health.status]}
          </span>
        </p>
        {health.reasons.length === 0 ? (
          <p safe>{words.noReasons}</p>
        ) : (
          <ul class="reasons" lang="en">
            {health.reasons.map((reason) => (
              <li safe>{reason}</li>
            ))}
          </ul>
        )}
      </section>
      <section class="card" aria-labelledby="figures">
        <h2 id="figures" safe>
          {words.figures}
        </h2>
        <dl class="facts">
          <Figure name={words.version} value={health.version} />
          <Figure name={words.uptime} value={textsOf(lang).seconds(health.uptimeSeconds * 1000)} />
          {freeBytes === undefined ? (
            ""
          ) : (
            <Figure name={words.disk} value={gigabytes.format(freeBytes / 1e9)} />
          )}
          <Figure name={words.calls} value={`${queues.calls}`} />
          <Figure name={words.waitingChats} value={`${queues.waitingChats}`} />
          <Figure name={words.livePages} value={`${queues.livePages}`} />
        </dl>
        {checks === undefined ? (
          <p class="hint" safe>
            {words.more}
          </p>
        ) : (
          ""
        )}
      </section>
      {checks === undefined ? "" : <ConsoleChecks session={session} {...checks} />}
      {refusals.length === 0 ? (
        ""
      ) : (
        <section class="card" aria-labelledby="unknown">
          <h2 id="unknown" safe>
            {faults.unknownTitle}
          </h2>
          <p safe>{faults.unknownText(days)}</p>
          <RefusalTable refusals={refusals} zone={zone} />
        </section>
      )}
    </ConsolePage>
  );
};
