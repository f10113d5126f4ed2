// The enterprise whose calls were recorded: its token stands in their bodies.

import type { Enterprise } from "../../src/domain/enterprise.ts";

export const ENTERPRISE: Enterprise = {
  number: "0367",
  name: null,
  webhookToken: "tok0367",
  secret: "secret-of-0367",
  botToken: null,
  active: true,
};
