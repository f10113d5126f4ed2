// The frame of every page: one response, no request to anywhere else. Only the page of a call that goes on, or that has
// recordings, has a script; without JavaScript one of a call that goes on loads itself again.

import type { Children } from "@kitajs/html";
import type { Lang } from "../src/domain/lang.ts";
import { LIVE_SCRIPT } from "./live-script.ts";
import { PLAYER_SCRIPT } from "./player-script.ts";
import { STYLE } from "./style.ts";
import { CONSOLE_STYLE } from "./style-console.ts";
import { LIVE_STYLE } from "./style-live.ts";

/** How often a page without JavaScript is loaded again while its call goes on, in seconds. */
const REFRESH_SECONDS = 5;

export const Layout = (props: {
  readonly lang: Lang;
  readonly title: string;
  /** What the page shows, as a version to be told the news since (see live-frame.ts); none: it does not change. */
  readonly live?: string | undefined;
  /** Whether there are recordings on it, or may come to be. */
  readonly mayPlay?: boolean;
  /** Whether it is a page of the operator's console, which has a style of its own beside the common one. */
  readonly isConsole?: boolean;
  readonly children: Children;
}): JSX.Element => (
  <html lang={props.lang}>
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="robots" content="noindex" />
      <meta name="format-detection" content="telephone=no" />
      <title safe>{props.title}</title>
      <style>{STYLE as "safe"}</style>
      {props.isConsole === true ? <style>{CONSOLE_STYLE as "safe"}</style> : ""}
      {props.live === undefined ? (
        ""
      ) : (
        <>
          <style>{LIVE_STYLE as "safe"}</style>
          <noscript>
            <meta http-equiv="refresh" content={`${REFRESH_SECONDS}`} />
          </noscript>
        </>
      )}
    </head>
    <body>
      <main data-live={props.live}>{props.children as "safe"}</main>
      {props.live === undefined ? "" : <script>{LIVE_SCRIPT as "safe"}</script>}
      {props.mayPlay === true ? <script>{PLAYER_SCRIPT as "safe"}</script> : ""}
    </body>
  </html>
);
