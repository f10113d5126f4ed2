// The words of the operator's console that its pages and its texts share.

/** What somebody should look at. */
export type ConsoleProblem =
  | "unread"
  | "never"
  | "refused"
  | "silent"
  | "noBot"
  | "noPeople"
  | "noSecret";

/** Why somebody is not in the console, or what he asked was not done. */
export type ConsoleRefusal =
  | "noSession"
  | "usedLink"
  | "openWay"
  | "form"
  | "tooLarge"
  | "noPage"
  | "failed";
