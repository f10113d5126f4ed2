// The console's forms in English.

import type { ConsoleFormsTexts } from "../types/console-forms.ts";

const LINE = "Up to 200 characters on one line.";

export const en: ConsoleFormsTexts = {
  notTaken: "Nothing was changed: correct the fields that are marked.",
  needed: "This field is needed.",
  changedTo: (now) =>
    now === ""
      ? "Somebody took this value away while the form was open. Send it again if you want yours."
      : `Somebody changed this to “${now}” while the form was open. Send it again if you want yours.`,
  edit: {
    title: "Change the enterprise",
    lead: "What is changed takes effect within a minute.",
    button: "Save",
    open: "Change",
    name: { label: "Name", hint: `${LINE} Empty: no name.`, wrong: LINE },
    country: {
      label: "Country of numbers",
      hint: "Two letters: BY, RU, DE. Empty: as the service's settings say.",
      wrong: "A country is two capital letters, such as BY.",
    },
    remindAfter: {
      label: "Remind of a missed call after",
      hint: "15m, 1h or never. Empty: as the service's settings say.",
      wrong: "A time from 1m to 3d (m: minutes, h: hours, d: days), or never.",
    },
    hours: {
      label: "Working hours",
      hint: "mon-fri 09:00-18:00, sat 10:00-14:00, or always. Empty: as the service's settings say.",
      wrong: "Days and times: mon-fri 09:00-18:00, sat 10:00-14:00, or always.",
    },
    recordings: { label: "Recordings", hint: "", wrong: "Choose from the list." },
    recordingsAll: "as the service's settings say",
    recordingsNone: "nobody hears them",
  },
  bot: {
    title: "The enterprise's bot",
    lead: "@BotFather gives the token. It is never shown here; it can only be replaced.",
    button: "Save the token",
    open: "Change the bot",
    token: {
      label: "New token",
      hint: "Digits, a colon, then letters and digits: 123456:ABC…",
      wrong: "A bot's token is digits, a colon, then A-Z a-z 0-9 _ -. Type it again.",
    },
    movePeople: {
      label: "Keep the people whom the bot before alone knew",
      hint: "",
      wrong: "",
    },
    remove: "Take the bot away",
    askRemove: (enterprise) => ({
      title: `Take the bot of ${enterprise} away?`,
      text: "No more cards will come, and open invitations end. Records and pages stay.",
      button: "Take the bot away",
    }),
    changed: {
      title: "The bot is changed",
      text: "The new token takes effect within a minute.",
    },
    lost: "Known by the bot before alone, get no more cards",
    onOldToken: "Still written to by the bot before, whose token stands in their own rows",
    mustStart: "Get cards once they press Start in the new bot (a group must let it in)",
    getNoCards: "Get no cards while the enterprise has no bot",
    more: (count) => `and ${count} more`,
    endedInvitations: (count) =>
      `Open invitations led to the bot before and are ended: ${count}. Make new ones.`,
  },
  person: {
    title: "Which cards",
    titleOf: (person) => `Cards: ${person}`,
    lead: "What is changed takes effect within a minute.",
    button: "Save",
    open: "Choose cards",
    openOf: (person) => `Choose the cards of ${person}`,
    emptyAll: "Empty: all.",
    emptyNone: "Empty: none.",
    standardLang: "that of the service",
  },
  add: {
    title: "Add a person or a group",
    lead: "A person must press Start in the bot once, a group must let the bot in: Telegram asks for it. An invitation is easier.",
    button: "Add",
    open: "Add by the chat's id",
    chat: {
      label: "Id of the Telegram chat",
      hint: "A whole number, for groups with a minus: -1001234567890.",
      wrong: "A whole number, for groups with a minus: -1001234567890.",
    },
    firstName: { label: "First name", hint: "May be left empty.", wrong: LINE },
    lastName: { label: "Last name", hint: "May be left empty.", wrong: LINE },
    email: { label: "Email", hint: "May be left empty.", wrong: LINE },
  },
  hook: {
    title: "Tell a program of calls",
    lead: "The start, the answer and the end of a call, a missed one and one that was returned: posted to this address, signed as Standard Webhooks say.",
    button: "Add",
    url: {
      label: "Address",
      hint: "https://crm.example/calls, without a user, a password or a #.",
      wrong:
        "An address such as https://crm.example/calls, of up to 2000 characters, without a user, a password or a #.",
    },
    secret: {
      label: "Secret",
      hint: "Where the program has one already: whsec_ and base64. Empty: one is made.",
      wrong: "It is whsec_ and 24 to 64 bytes in base64. Type it again.",
    },
    refused:
      "This address is not of the public network. The service's --hook-allow-private allows it.",
    known: "This address is told of calls already.",
    added: {
      title: "The program is added",
      text: "It is told of calls from now on. It checks signatures with this secret. Keep it now: it is not shown again.",
    },
    back: { title: "The program is on again", text: "Its secret stays." },
  },
  hooks: {
    title: "Programs that are told of calls",
    none: "No program is told of calls.",
    add: "Add a program",
    target: "Target",
    since: "Since",
    state: "State",
    acts: "Acts",
    on: "on",
    gone: (when) => `off: it answered 410 (${when})`,
    test: "Test",
    rotate: "Rotate the secret",
    remove: "Remove",
    actOf: (act, target) => `${act}: ${target}`,
    askRotate: (target) => ({
      title: "Rotate the program's secret?",
      text: `${target}: the new secret is shown once. The one before signs beside it for a day.`,
      button: "Rotate the secret",
    }),
    askRemove: (target) => ({
      title: "Remove the program?",
      text: `${target} is told of no more calls, and its secret is gone.`,
      button: "Remove",
    }),
    rotated: {
      title: "The program's new secret",
      text: (until) =>
        `Keep it now: it is not shown again. The one before signs beside it until ${until}.`,
    },
    taken: "The program took the test message",
    notTaken: "The program did not take the test message",
    answered: (target, answer) => `${target} answered: ${answer}`,
  },
};
