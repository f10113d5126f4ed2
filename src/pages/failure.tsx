// What a reader gets instead of a page: a readable one for browsers, JSON for everybody else. Never says why a token was
// refused.

import { ErrorPage, type Failure } from "../../views/error-page.tsx";
import type { Lang } from "../domain/lang.ts";
import { readerLang, wantsHtml } from "./negotiate.ts";

const ERRORS: {
  readonly [failure in Failure]: readonly [status: number, code: string, message: string];
} = {
  400: [400, "bad_request", "The enterprise number or the unique id in the address is malformed."],
  403: [403, "forbidden", "Wrong or missing token, or no such enterprise."],
  404: [404, "not_found", "There is no such call."],
  noPage: [404, "not_found", "There is no such page."],
  noRecording: [404, "not_found", "The call has no such recording."],
  429: [429, "too_many_attempts", "Too many wrong tokens. Wait before the next try."],
  500: [500, "internal_error", "The page could not be made; the service log tells why."],
  archive: [
    503,
    "archive_unavailable",
    "This day is kept in the archive, which does not answer. Try again later.",
  ],
  503: [
    503,
    "directory_unavailable",
    "The directory of enterprises does not answer. Try again later.",
  ],
};

export const HTML_TYPE = "text/html; charset=utf-8";

export type Fail = (
  request: Request,
  failure: Failure,
  more?: { readonly [name: string]: string },
) => Response;

/** Makes the answers to what cannot be shown; `lang` is for readers who ask for no language. */
export const createFail =
  (lang: Lang): Fail =>
  (request, failure, more = {}) => {
    const [status, code, message] = ERRORS[failure];
    if (wantsHtml(request)) {
      const asked = readerLang(request, lang);
      const document = `<!doctype html>${(<ErrorPage failure={failure} lang={asked} />) as string}`;
      return new Response(document, { status, headers: { "content-type": HTML_TYPE, ...more } });
    }
    return Response.json({ error: { code, message } }, { status, headers: more });
  };
