// Names from the operator's metadata service.

export type { Fetch } from "./ask.ts";
export {
  createMetadata,
  type Metadata,
  type MetadataOptions,
  type MetadataRequest,
  type OnRequest,
} from "./client.ts";
