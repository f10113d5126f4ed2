// The console's page of the service's health.

import { consoleTextsOf, textsOf } from "../src/texts/index.ts";
import { ConsolePage, type ConsoleSession } from "./console-frame.tsx";
import type { ConsoleHealth } from "./console-view.ts";

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
}): JSX.Element => {
  const { session, health } = props;
  const { lang } = session;
  const words = consoleTextsOf(lang).health;
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
        <p class="hint" safe>
          {words.more}
        </p>
      </section>
    </ConsolePage>
  );
};
