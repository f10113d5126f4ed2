// Where the console's pages of an enterprise are.

import type { ConsoleAct, ConsoleForm } from "./console-view.ts";

/** The address of an enterprise's page. */
export const enterpriseHref = (number: string): string =>
  `/console/enterprises/${encodeURIComponent(number)}`;

/** The page that asks before an act, or the form. */
export const askHref = (
  number: string,
  act: ConsoleAct | ConsoleForm,
  about: { readonly chat?: string; readonly hook?: string } = {},
): string => {
  const query = `${new URLSearchParams(about)}`;
  return `${enterpriseHref(number)}/${act}${query === "" ? "" : `?${query}`}`;
};
