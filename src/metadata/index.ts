// Names from the operator's metadata service.

export {
  createMetadata,
  type Metadata,
  type MetadataOptions,
  type MetadataRequest,
  type OnRequest,
} from "./client.ts";
