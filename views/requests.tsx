// What other programs were asked or told of this call (names, webhooks), and what they answered.

import { maskedText } from "../src/domain/masked.ts";
import { type HttpRecord, isFailedRequest, type StoredRecord } from "../src/domain/record.ts";
import { type Texts, textsOf } from "../src/texts/index.ts";
import { type CallView, rowIds } from "./call-view.ts";
import { timeOfDay, type Zone } from "./format.ts";

/** JSON with its keys under each other; what is no JSON (a cut response) as it is. */
const readableJson = (text: string): string => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : JSON.stringify(value, null, 2);
  } catch {
    return text;
  }
};

const Body = (props: { readonly name: string; readonly text: string }) => (
  <>
    <span class="dim" safe>
      {props.name}
    </span>
    <pre safe>{readableJson(maskedText(props.text))}</pre>
  </>
);

const Request = (props: {
  readonly record: HttpRecord;
  readonly href: string;
  readonly texts: Texts;
  readonly zone: Zone;
}) => {
  const { record, href, texts, zone } = props;
  const { status, method, url, request, response } = record;
  return (
    <li>
      <a class="clock" href={`#${href}`} safe>
        {timeOfDay(record.at, zone)}
      </a>
      <b class={isFailedRequest(record) ? "bad-text" : ""} safe>
        {status === 0 ? texts.recordWords.noAnswer : String(status)}
      </b>
      <code safe>{`${method} ${maskedText(url)}`}</code>
      {request === "" && response === "" ? (
        ""
      ) : (
        <details>
          <summary safe>{texts.requests.exchange}</summary>
          {request === "" ? "" : <Body name={texts.requests.sent} text={request} />}
          {response === "" ? "" : <Body name={texts.requests.received} text={response} />}
        </details>
      )}
    </li>
  );
};

const isHttp = (record: StoredRecord): record is StoredRecord & HttpRecord =>
  record.kind === "HTTP";

/** Nothing where nothing was asked. */
export const Requests = ({ assembled: { records }, zone }: CallView): JSX.Element => {
  const texts = textsOf(zone.lang);
  const rowId = rowIds(records);
  const requests = records.filter(isHttp);
  if (requests.length === 0) return "" as JSX.Element;
  return (
    <section class="card" aria-labelledby="requests-title">
      <h2 id="requests-title" safe>
        {texts.requests.title}
      </h2>
      <ul class="requests">
        {requests.map((record) => (
          <Request record={record} href={rowId(record)} texts={texts} zone={zone} />
        ))}
      </ul>
    </section>
  );
};
