// The operator's console in English.

import type { ConsoleTexts } from "../types/console.ts";

export const en: ConsoleTexts = {
  title: "Operator's console",
  nav: { label: "Console", enterprises: "Enterprises" },
  signedIn: (by) => `Link made by: ${by}`,
  logOut: "Log out",
  begin: {
    title: "Operator's console",
    text: (by, hours) =>
      `This link was made on the server by the user ${by}. It works once. The session lasts ${hours} hours, or until you log out.`,
    button: "Begin the session",
  },
  refusal: {
    noSession: {
      title: "The console is closed",
      text: "To open it, run calllog console on the server and open the link that it prints. If you were in here before, your session is over.",
    },
    usedLink: {
      title: "This link no longer works",
      text: "It was used already, or more than 5 minutes have passed. Run calllog console on the server for a new one.",
    },
    openWay: {
      title: "The console opens over https alone",
      text: "Open it at the https address of the pages (the proxy must be named in --trust-proxy and send X-Forwarded-Proto), or on the server itself, for example through an SSH tunnel.",
    },
    form: {
      title: "Nothing was changed",
      text: "The form did not come from a page of this session. Open the console again and repeat what you wanted to do.",
    },
    noPage: { title: "There is no such page", text: "Go back to the console's first page." },
    failed: {
      title: "That did not work",
      text: "The page could not be made; the service log tells why. Try again in a minute.",
    },
  },
  columns: {
    enterprise: "Enterprise",
    calls: "Calls today",
    missed: "Missed",
    open: "Not called back",
    last: "Last call",
    bot: "Bot",
    people: "People",
    look: "State",
  },
  enterprises: (day) => `Enterprises: ${day}`,
  none: "There are no enterprises yet. Add the first on the server: calllog enterprise add NUMBER --name NAME",
  needLook: (count) => (count === 1 ? "1 needs a look" : `${count} need a look`),
  allWell: "Nothing needs a look",
  problem: {
    unread: "calls cannot be read",
    never: "no calls so far",
    silent: "no calls for more than a day",
    noBot: "no bot",
    noPeople: "nobody gets cards",
    noSecret: "no secret, pages are closed",
  },
  fine: "fine",
  off: "switched off",
  hasBot: "yes",
  noBot: "no",
  noCalls: "–",
  counting:
    "Some days are being read for the first time: the counts are not whole yet. Load the page again in a minute.",
  list: "Calls",
  listOf: (enterprise) => `Calls of ${enterprise}`,
  unknown: "?",
};
