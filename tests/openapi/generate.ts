// The types of a client, made of the document by openapi-typescript: `bun run tests/openapi/generate.ts` writes client.gen.ts.

import { writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";
import { openApiDocument } from "../../src/openapi/index.ts";

export const CLIENT_FILE = new URL("./client.gen.ts", import.meta.url).pathname;

export const generateClient = async (): Promise<string> => {
  const document = JSON.parse(JSON.stringify(openApiDocument("0.0.0")));
  return `// Made by generate.ts from the OpenAPI document; not edited by hand.\n${astToString(await openapiTS(document))}`;
};

if (import.meta.main) writeFileSync(CLIENT_FILE, await generateClient());
