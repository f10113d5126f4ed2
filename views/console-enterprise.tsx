// The console's page of one enterprise: what it is, who gets its cards, and the forms that change it. What cannot be taken back
// by the next click leads to a page that asks first.

import {
  type ChatPreferences,
  DEFAULT_PREFERENCES,
  PREFERENCE_NAMES,
  type PreferenceName,
  preferenceText,
} from "../src/domain/chat-preferences.ts";
import type { Lang } from "../src/domain/lang.ts";
import { consoleTextsOf, type EnterpriseTexts, settingsTextsOf } from "../src/texts/index.ts";
import { ConsolePage, type ConsoleSession, FormToken, TableHead } from "./console-frame.tsx";
import { ConsoleHooks } from "./console-hooks.tsx";
import { askHref, enterpriseHref } from "./console-hrefs.ts";
import type { ConsoleEnterprise, ConsolePerson } from "./console-view.ts";
import { dateAndTime, type Zone } from "./format.ts";

export type EnterpriseView = {
  readonly session: ConsoleSession;
  readonly zone: Zone;
  readonly enterprise: ConsoleEnterprise;
};

const Pair = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <>
    <dt safe>{name}</dt>
    <dd safe>{value}</dd>
  </>
);

const Facts = ({
  view,
  words,
}: {
  readonly view: EnterpriseView;
  readonly words: EnterpriseTexts;
}) => {
  const { enterprise } = view;
  const { noBot, faults, forms } = consoleTextsOf(view.zone.lang);
  return (
    <section class="card" aria-labelledby="facts">
      <h2 id="facts" safe>
        {words.facts}
      </h2>
      <dl class="pairs">
        <Pair name={words.number} value={enterprise.number} />
        <Pair name={words.name} value={enterprise.name ?? "–"} />
        <Pair name={words.active} value={enterprise.active ? words.yes : words.no} />
        <Pair name={words.bot} value={enterprise.botId ?? noBot} />
        <Pair name={words.country} value={enterprise.country ?? words.standard} />
        <Pair name={words.remindAfter} value={enterprise.remindAfter ?? words.standard} />
        <Pair name={words.hours} value={enterprise.hours ?? words.standard} />
        <Pair
          name={words.recordings}
          value={enterprise.hasRecordings ? words.standard : words.recordingsNone}
        />
      </dl>
      <p class="acts">
        <a class="button" href={askHref(enterprise.number, "edit")} safe>
          {forms.edit.open}
        </a>
        <a class="button" href={askHref(enterprise.number, "bot")} safe>
          {forms.bot.open}
        </a>
        {enterprise.botId === null ? (
          ""
        ) : (
          <a class="button" href={askHref(enterprise.number, "unbot")} safe>
            {forms.bot.remove}
          </a>
        )}
        <a class="button" href={`${enterpriseHref(enterprise.number)}/faults`} safe>
          {faults.open}
        </a>
        {enterprise.listHref === undefined ? (
          ""
        ) : (
          <a class="button" href={enterprise.listHref} safe>
            {words.openList}
          </a>
        )}
      </p>
    </section>
  );
};

const preferenceWords = (
  preferences: ChatPreferences,
  name: PreferenceName,
  lang: Lang,
): string => {
  const texts = settingsTextsOf(lang);
  if (name === "cards") return texts.cards[preferences.cards];
  if (name === "numbers") return texts.numbers[preferences.numbers];
  if (name === "lang" && preferences.lang !== null) return texts.langs[preferences.lang];
  return preferenceText(preferences, name);
};

/** Only what somebody chose: the rest is as it is for everybody. */
const chosen = (preferences: ChatPreferences, lang: Lang, words: EnterpriseTexts): string => {
  const { names } = settingsTextsOf(lang);
  const told = PREFERENCE_NAMES.filter(
    (name) => preferenceText(preferences, name) !== preferenceText(DEFAULT_PREFERENCES, name),
  ).map((name) => `${names[name]}: ${preferenceWords(preferences, name, lang)}`);
  return told.length === 0 ? words.standardPreferences : told.join("; ");
};

/** What a person is called where no name is known: by the chat. */
export const personName = ({ name, chatId }: Pick<ConsolePerson, "name" | "chatId">): string =>
  name === "" ? chatId : name;

const People = ({
  view,
  words,
}: {
  readonly view: EnterpriseView;
  readonly words: EnterpriseTexts;
}) => {
  const { enterprise, zone } = view;
  const { forms } = consoleTextsOf(zone.lang);
  return (
    <section class="card" aria-labelledby="people">
      <h2 id="people" safe>
        {words.people}
      </h2>
      {enterprise.people.length === 0 ? (
        <p safe>{words.nobody}</p>
      ) : (
        <table class="table">
          <TableHead heads={[words.person, words.chat, words.preferences, forms.hooks.acts]} />
          <tbody>
            {enterprise.people.map((person) => (
              <tr>
                <th scope="row" safe>
                  {personName(person)}
                </th>
                <td data-name={words.chat} safe>
                  {person.chatId}
                </td>
                <td data-name={words.preferences} safe>
                  {chosen(person.preferences, zone.lang, words)}
                </td>
                <td class="wide row-acts">
                  <a
                    class="button"
                    href={askHref(enterprise.number, "person", { chat: person.chatId })}
                    aria-label={forms.person.openOf(personName(person))}
                    safe
                  >
                    {forms.person.open}
                  </a>
                  {person.isByBot ? (
                    <small safe>{words.byBot}</small>
                  ) : (
                    <a
                      class="button"
                      href={askHref(enterprise.number, "remove", { chat: person.chatId })}
                      aria-label={words.removeOf(personName(person))}
                      safe
                    >
                      {words.remove}
                    </a>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p class="acts">
        <a class="button" href={askHref(enterprise.number, "add")} safe>
          {forms.add.open}
        </a>
      </p>
    </section>
  );
};

const Invitations = ({
  view,
  words,
}: {
  readonly view: EnterpriseView;
  readonly words: EnterpriseTexts;
}) => {
  const { enterprise, zone, session } = view;
  return (
    <section class="card" aria-labelledby="invitations">
      <h2 id="invitations" safe>
        {words.invitations}
      </h2>
      {enterprise.invitations.length === 0 ? (
        <p safe>{words.noInvitations}</p>
      ) : (
        <ul>
          {enterprise.invitations.map(({ name, isGroup, expiresAt }) => (
            <li safe>{words.openInvitation(name, isGroup, dateAndTime(expiresAt, zone))}</li>
          ))}
        </ul>
      )}
      {enterprise.active && enterprise.botId !== null ? (
        <form method="post" action={`${enterpriseHref(enterprise.number)}/invite`}>
          <FormToken session={session} />
          <div class="fields">
            <label>
              <span safe>{words.inviteName}</span>
              <input type="text" name="name" maxlength="64" autocomplete="off" />
            </label>
            <label>
              <span safe>{words.inviteDays}</span>
              <select name="days">
                {["1", "7", "30"].map((days) => (
                  <option value={days} selected={days === "7"} safe>
                    {days}
                  </option>
                ))}
              </select>
            </label>
            <label class="check">
              <input type="checkbox" name="group" value="yes" />{" "}
              <span safe>{words.inviteGroup}</span>
            </label>
          </div>
          <p class="acts">
            <button class="button primary" type="submit" safe>
              {words.invite}
            </button>
          </p>
        </form>
      ) : (
        ""
      )}
      {enterprise.invitations.length > 0 ? (
        <p class="acts">
          <a class="button" href={askHref(enterprise.number, "uninvite")} safe>
            {words.uninvite}
          </a>
        </p>
      ) : (
        ""
      )}
    </section>
  );
};

const Access = ({
  view,
  words,
}: {
  readonly view: EnterpriseView;
  readonly words: EnterpriseTexts;
}) => {
  const { number, active } = view.enterprise;
  return (
    <section class="card" aria-labelledby="access">
      <h2 id="access" safe>
        {words.access}
      </h2>
      <p safe>{words.secretText}</p>
      <p class="acts">
        <a class="button" href={askHref(number, "rotate")} safe>
          {words.rotate}
        </a>
        <a class="button" href={askHref(number, active ? "off" : "on")} safe>
          {active ? words.switchOff : words.switchOn}
        </a>
      </p>
    </section>
  );
};

/** The page of an enterprise as a document. */
export const ConsoleEnterprisePage = ({ view }: { readonly view: EnterpriseView }): JSX.Element => {
  const { session, zone, enterprise } = view;
  const words = consoleTextsOf(zone.lang).enterprise;
  return (
    <ConsolePage session={session} title={enterprise.name ?? enterprise.number}>
      <Facts view={view} words={words} />
      <People view={view} words={words} />
      <Invitations view={view} words={words} />
      <ConsoleHooks session={session} zone={zone} enterprise={enterprise} />
      <Access view={view} words={words} />
    </ConsolePage>
  );
};
