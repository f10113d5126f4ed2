// The programs that are told of an enterprise's calls, on its page of the console.

import { consoleTextsOf } from "../src/texts/index.ts";
import { type ConsoleSession, FormToken, TableHead } from "./console-frame.tsx";
import { askHref, enterpriseHref } from "./console-hrefs.ts";
import type { ConsoleEnterprise, ConsoleHook } from "./console-view.ts";
import { dateAndTime, type Zone } from "./format.ts";

type Props = {
  readonly session: ConsoleSession;
  readonly zone: Zone;
  readonly enterprise: ConsoleEnterprise;
};

const Row = ({ session, zone, enterprise, hook }: Props & { readonly hook: ConsoleHook }) => {
  const { hooks: words } = consoleTextsOf(zone.lang).forms;
  const { number } = enterprise;
  const { id, target, createdAt, goneAt } = hook;
  return (
    <tr>
      <th scope="row">
        <span safe>{target}</span>
        <small safe>{id}</small>
      </th>
      <td class="marks" data-name={words.state}>
        <span class={`badge ${goneAt === null ? "good" : "bad"}`} safe>
          {goneAt === null ? words.on : words.gone(dateAndTime(goneAt, zone))}
        </span>
      </td>
      <td data-name={words.since} safe>
        {dateAndTime(createdAt, zone)}
      </td>
      <td class="wide row-acts">
        <form method="post" action={`${enterpriseHref(number)}/hooktest`}>
          <FormToken session={session} />
          <input type="hidden" name="hook" value={id} />
          <button
            class="button"
            type="submit"
            aria-label={words.actOf(words.test, `${target} ${id}`)}
            safe
          >
            {words.test}
          </button>
        </form>
        {(["rehook", "unhook"] as const).map((act) => {
          const label = act === "rehook" ? words.rotate : words.remove;
          return (
            <a
              class="button"
              href={askHref(number, act, { hook: id })}
              aria-label={words.actOf(label, `${target} ${id}`)}
              safe
            >
              {label}
            </a>
          );
        })}
      </td>
    </tr>
  );
};

/** The section of an enterprise's page. */
export const ConsoleHooks = (props: Props): JSX.Element => {
  const { zone, enterprise } = props;
  const { hooks: words } = consoleTextsOf(zone.lang).forms;
  return (
    <section class="card" aria-labelledby="hooks">
      <h2 id="hooks" safe>
        {words.title}
      </h2>
      {enterprise.hooks.length === 0 ? (
        <p safe>{words.none}</p>
      ) : (
        <table class="table">
          <TableHead heads={[words.target, words.state, words.since, words.acts]} />
          <tbody>
            {enterprise.hooks.map((hook) => (
              <Row {...props} hook={hook} />
            ))}
          </tbody>
        </table>
      )}
      <p class="acts">
        <a class="button" href={askHref(enterprise.number, "hook")} safe>
          {words.add}
        </a>
      </p>
    </section>
  );
};
