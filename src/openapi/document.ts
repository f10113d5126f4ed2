// The description of both listeners and of the outgoing webhooks (OpenAPI 3.1). The routes read their parameters themselves, so
// that mistakes come back together and in words; what they take and answer is written here, and held against real answers in
// a test.

import { EVENT_TYPES } from "../asterisk/index.ts";
import { CALL_DIRECTIONS, FOLLOW_STATES, RESULTS } from "../call/index.ts";
import { CALL_EXAMPLE, CALLS_EXAMPLE } from "./examples.ts";
import { ref, SCHEMAS, type Schema } from "./schemas.ts";

type Part = { readonly [name: string]: unknown };

const json = (schema: Schema, example?: unknown): Part => ({
  "application/json": { schema, ...(example === undefined ? {} : { example }) },
});
const answer = (description: string, content?: Part): Part => ({
  description,
  ...(content === undefined ? {} : { content }),
});
const file = (type: string): Part => ({ [type]: { schema: { type: "string" } } });
const failure = (description: string): Part => answer(description, json(ref("Error")));

const enterprise: Part = {
  name: "enterprise",
  in: "path",
  required: true,
  schema: { type: "string", pattern: "^[A-Za-z0-9_-]{1,32}$" },
};
const uniqueId: Part = {
  name: "unique_id",
  in: "path",
  required: true,
  description: "Any unique id of the call.",
  schema: { type: "string", pattern: "^[A-Za-z0-9._:@+-]{1,128}$" },
};
const query = (name: string, schema: Schema, description: string): Part => ({
  name,
  in: "query",
  description,
  schema,
});
const token: Part = {
  ...query("token", { type: "string" }, "The enterprise's secret, or the token of a link."),
  required: true,
};
const lang = query("lang", { type: "string", enum: ["ru", "en"] }, "Of pages and workbooks.");

const refusals: Part = {
  400: failure("A parameter that cannot be meant."),
  403: failure(
    "Wrong or missing token, unknown or switched off enterprise: always the same answer.",
  ),
  429: failure("More than 20 wrong tokens a minute from one client; a right token always passes."),
  503: failure("The directory of enterprises cannot be asked."),
};

const callPath: Part = {
  get: {
    operationId: "getCall",
    summary: "Everything that happened in one call",
    parameters: [
      enterprise,
      uniqueId,
      token,
      lang,
      query("format", { type: "string", enum: ["vcon"] }, "A vCon; else `Accept` decides."),
    ],
    responses: {
      200: answer("The call.", {
        ...json(ref("CallAnswer"), CALL_EXAMPLE),
        ...file("text/html"),
        "application/vcon": { schema: { type: "object" } },
      }),
      ...refusals,
      404: failure("No such call."),
    },
  },
};

const livePath: Part = {
  get: {
    operationId: "followCall",
    summary: "The call while it goes on, as server-sent events",
    parameters: [enterprise, uniqueId, token, lang],
    responses: {
      200: answer("A stream that ends some time after the call.", file("text/event-stream")),
      ...refusals,
      404: failure("No such call."),
    },
  },
};

const recordingPath: Part = {
  get: {
    operationId: "getRecording",
    summary: "A recording of the call, whole or a range of it",
    parameters: [
      enterprise,
      uniqueId,
      {
        name: "n",
        in: "path",
        required: true,
        description: "From `recordings` of the call.",
        schema: { type: "integer", minimum: 1 },
      },
      token,
      lang,
      query("download", { type: "string", enum: ["1"] }, "Saved rather than played."),
    ],
    responses: {
      200: answer("The file.", { "audio/*": { schema: {} } }),
      206: answer("The range that was asked for.", { "audio/*": { schema: {} } }),
      304: answer("It is as it was."),
      ...refusals,
      404: failure("No such recording, or the call goes on."),
      412: answer("It has changed."),
      416: answer("No such range."),
    },
  },
};

const day: Schema = { type: "string", pattern: "^(\\d{4}-\\d\\d-\\d\\d|today|yesterday)$" };

const callsPath: Part = {
  get: {
    operationId: "listCalls",
    summary: "Recent calls, newest first",
    parameters: [
      enterprise,
      token,
      query(
        "number",
        { type: "string", maxLength: 64 },
        "Part of the outside party's number, or of a name.",
      ),
      query("ext", { type: "string" }, "A whole extension that was rung or talked."),
      query("result", { type: "string", enum: [...RESULTS] }, "How the call ended."),
      query("direction", { type: "string", enum: [...CALL_DIRECTIONS] }, "Which way."),
      query(
        "follow",
        { type: "string", enum: [...FOLLOW_STATES] },
        "What became of a missed call.",
      ),
      query("day", day, "A day in `--timezone`."),
      query("before", { type: "string" }, "`next` of an earlier answer."),
      query("limit", { type: "integer", minimum: 1 }, "500 at most in JSON, 50,000 in files."),
      query("format", { type: "string", enum: ["json", "csv", "xlsx"] }, "Else `Accept` decides."),
      query("separator", { type: "string", enum: [",", ";", "tab"] }, "Of CSV."),
      lang,
    ],
    responses: {
      200: answer("The calls.", {
        ...json(ref("CallsAnswer"), CALLS_EXAMPLE),
        ...file("text/html"),
        ...file("text/csv"),
        ...file("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
      }),
      ...refusals,
    },
  },
};

const plain = (operationId: string, summary: string, responses: Part): Part => ({
  get: { operationId, summary, responses },
});

const eventAnswers: Part = {
  200: answer("The event is recorded.", json(ref("Recorded"))),
  400: failure("Nothing usable, or a bad field; the message says which and why."),
  401: failure("Unknown webhook token."),
  403: failure("The sender's address is not allowed."),
  404: failure("No such path."),
  405: failure("Wrong method."),
  408: failure("The body has not arrived in time."),
  413: failure("Too large."),
  415: failure("The body is compressed."),
  503: failure("The line could not be written; nothing of it is in the file."),
};

const eventPath = (
  operationId: string,
  parameters: readonly Part[],
  servers: readonly Part[],
): Part => ({
  servers,
  post: {
    operationId,
    summary: "Takes an event of an Asterisk host",
    ...(parameters.length === 0 ? {} : { parameters }),
    requestBody: { required: true, content: json(ref("Event")) },
    responses: eventAnswers,
  },
});

const camel = (name: string): string =>
  name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

const hook: Part = {
  post: {
    operationId: "takeCall",
    summary: "What a program of the enterprise's own is told of its calls",
    parameters: ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => ({
      name,
      in: "header",
      required: true,
      schema: { type: "string" },
    })),
    requestBody: { required: true, content: json(ref("HookBody")) },
    responses: {
      "2XX": answer("It is taken; else it is tried again."),
      410: answer("Nothing more is to be sent."),
    },
  },
};

/**
 * The document.
 *
 * @param version of the program
 */
export const openApiDocument = (version: string): Part => {
  const servers = [
    {
      url: "http://{host}:{port}",
      description: "The listener for events.",
      variables: { host: { default: "localhost" }, port: { default: "8000" } },
    },
  ];
  const events = Object.fromEntries(
    EVENT_TYPES.map((event) => [`/${event}`, eventPath(`post${camel(event)}`, [], servers)]),
  );
  const name = {
    name: "event",
    in: "path",
    required: true,
    schema: { type: "string", pattern: "^[a-z][a-z_]{1,31}$" },
  };
  const health = json(ref("Health"));
  return {
    openapi: "3.1.0",
    info: {
      title: "calllog",
      version,
      description: "Calls of Asterisk hosts: events in, pages, JSON and webhooks out.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The listener for pages." }],
    paths: {
      "/calls/{enterprise}": callsPath,
      "/call/{enterprise}/{unique_id}": callPath,
      "/call/{enterprise}/{unique_id}/live": livePath,
      "/call/{enterprise}/{unique_id}/recording/{n}": recordingPath,
      "/health": plain("getHealth", "Whether events can be recorded", {
        200: answer("They can.", health),
        503: answer("They cannot.", health),
      }),
      "/metrics": plain("getMetrics", "Figures for Prometheus", {
        200: answer("Its text format.", file("text/plain")),
      }),
      "/openapi.json": plain("getOpenApi", "This document", {
        200: answer("OpenAPI 3.1.", json({ type: "object" })),
      }),
      ...events,
      "/events/{event}": eventPath("postEvent", [name], servers),
    },
    webhooks: { call: hook },
    components: { schemas: SCHEMAS },
  };
};
