// `GET|HEAD /call/{enterprise}/{unique_id}/recording/{n}`: one recording of a call, whole or in parts. Which file that is,
// is found anew for every request from the call's own records: nothing of the address becomes a path.

import { isLive } from "../call/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import type { Lang } from "../domain/lang.ts";
import type { Recording, Recordings, SafeFile } from "../recordings/index.ts";
import type { Access, Client } from "./access.ts";
import type { CallReader } from "./call-route.tsx";
import { contentDisposition, downloadNames } from "./download-name.ts";
import type { Fail } from "./failure.tsx";
import type { CallLinkScope } from "./links.ts";
import { readerLang } from "./negotiate.ts";
import { sentOf, type Validators } from "./ranges.ts";

export type RecordingRouteOptions = {
  readonly access: Access;
  readonly fail: Fail;
  readonly reader: Pick<CallReader, "find">;
  readonly recordings: Recordings;
  readonly lang: Lang;
  readonly timeZone: string;
};

/** From 1, in one spelling. */
const NUMBER = /^[1-9]\d{0,2}$/;

const validatorsOf = ({ facts }: SafeFile): Validators => ({
  bytes: facts.size,
  etag: `"${[facts.ino, facts.size, Math.round(facts.mtimeMs)].map((part) => part.toString(36)).join("-")}"`,
  modifiedAt: facts.mtimeMs,
});

/**
 * Of a file that is cut while it is sent fewer bytes come than were promised. The server takes its end for the end of the
 * answer: on a connection that stays open the reader would wait for the rest until it idles out.
 */
const ENDED_WITH_IT = { connection: "close" };

const busy = (): Response =>
  Response.json(
    { error: { code: "too_many_recordings", message: "Too many recordings are sent at once." } },
    { status: 503, headers: { "retry-after": "5" } },
  );

/** Makes the route. */
export const createRecordingRoute = (options: RecordingRouteOptions) => {
  const { access, fail, reader, recordings, lang, timeZone } = options;

  const namesOf = (
    request: Request,
    recording: Recording,
    n: number,
    call: Parameters<typeof downloadNames>[1],
  ): string => {
    const isAsked = new URL(request.url).searchParams.get("download") === "1";
    const zone = { lang: readerLang(request, lang), timeZone };
    const names = downloadNames(recording, call, { n, ...zone });
    return contentDisposition(recording.isPlayable && !isAsked ? "inline" : "attachment", names);
  };

  const send = async (
    request: Request,
    file: SafeFile,
    headers: { readonly [name: string]: string },
  ): Promise<Response> => {
    const known = validatorsOf(file);
    const sent = sentOf(request.method, request.headers, known);
    const told = {
      "accept-ranges": "bytes",
      "cache-control": "private",
      etag: known.etag,
      "last-modified": new Date(known.modifiedAt).toUTCString(),
    };
    if (sent.status !== 200 && sent.status !== 206) {
      await file.handle.close();
      const range = sent.status === 416 ? { "content-range": `bytes */${known.bytes}` } : {};
      return new Response(null, { status: sent.status, headers: { ...told, ...range } });
    }
    const { from, to } = sent.status === 206 ? sent : { from: 0, to: known.bytes - 1 };
    const body = await recordings.part(file, from, to + 1);
    if (body === undefined) return busy();
    const range =
      sent.status === 206 ? { "content-range": `bytes ${from}-${to}/${known.bytes}` } : {};
    return new Response(body, {
      status: sent.status,
      headers: { ...headers, ...told, ...range, ...ENDED_WITH_IT },
    });
  };

  /** Answers a GET or a HEAD. */
  return async (
    request: Request,
    scope: CallLinkScope,
    n: string,
    client: Client,
  ): Promise<Response> => {
    const entered: Enterprise | Response = await access.toRecordings(request, scope, client);
    if (entered instanceof Response) return entered;
    const assembled = NUMBER.test(n) ? await reader.find(scope, entered) : undefined;
    const isHidden = entered.recordings === "none";
    if (assembled === undefined || isHidden || isLive(assembled.call.status)) {
      return fail(request, "noRecording");
    }
    const recording = (await recordings.find(assembled))[Number(n) - 1];
    const file = recording === undefined ? undefined : await recordings.open(recording);
    if (recording === undefined || file === undefined) return fail(request, "noRecording");
    return send(request, file, {
      "content-type": recording.mediaType,
      "content-disposition": namesOf(request, recording, Number(n), assembled.call),
    });
  };
};
