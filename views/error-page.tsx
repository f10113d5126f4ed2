// What a reader sees instead of a call: what happened and what to do, nothing about why a secret was refused.

import type { Lang } from "../src/domain/lang.ts";
import { type Texts, textsOf } from "../src/texts/index.ts";
import { Layout } from "./layout.tsx";

/** A status of HTTP; `noPage` is the 404 of an address that leads nowhere. */
export type Failure = keyof Texts["error"];

/** An error as a whole HTML document. */
export const ErrorPage = (props: {
  readonly failure: Failure;
  readonly lang: Lang;
}): JSX.Element => {
  const { title, text } = textsOf(props.lang).error[props.failure];
  return (
    <Layout lang={props.lang} title={title}>
      <section class="card">
        <h1 safe>{title}</h1>
        <p safe>{text}</p>
      </section>
    </Layout>
  );
};
