// The frame of every page: one response, no script, no request to anywhere else.

import type { Children } from "@kitajs/html";
import { STYLE } from "./style.ts";
import type { Lang } from "./texts.ts";

export const Layout = (props: {
  readonly lang: Lang;
  readonly title: string;
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
    </head>
    <body>
      <main>{props.children as "safe"}</main>
    </body>
  </html>
);
