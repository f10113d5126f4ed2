// What a reader sees instead of a call: what happened and what to do, nothing about why a secret was refused.

import type { Lang } from "../src/domain/lang.ts";
import { type Texts, textsOf } from "../src/texts/index.ts";
import { Layout } from "./layout.tsx";

export type ErrorStatus = keyof Texts["error"];

/** An error as a whole HTML document. */
export const ErrorPage = (props: {
  readonly status: ErrorStatus;
  readonly lang: Lang;
}): JSX.Element => {
  const { title, text } = textsOf(props.lang).error[props.status];
  return (
    <Layout lang={props.lang} title={title}>
      <section class="card">
        <h1 safe>{title}</h1>
        <p safe>{text}</p>
      </section>
    </Layout>
  );
};
