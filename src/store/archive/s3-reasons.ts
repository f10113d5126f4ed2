// What error codes of an S3 store, and of the way to it, mean for whoever runs calllog: whether it is a matter of rights or of time, and what to do.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html

import type { ArchiveErrorCode } from "../../domain/archive-error.ts";

type Reason = { readonly code: ArchiveErrorCode; readonly todo: string };

const RIGHTS = "the key may not do this: docs/operations.md lists the rights it needs";
const EXPIRED = "the session is over: set a new AWS_SESSION_TOKEN with its key";
const UNREACHABLE = "the store cannot be reached: look at AWS_ENDPOINT_URL and the network";
const FAILED = "the store failed by itself: try again, and ask its provider where that stays";
const CLOCK = "the clock of this machine is off; timedatectl shows it, set it right";

const REASONS: Readonly<Record<string, Reason>> = {
  AccessDenied: { code: "denied", todo: RIGHTS },
  AllAccessDisabled: { code: "denied", todo: "the store has closed this bucket; ask its provider" },
  AccountProblem: { code: "denied", todo: "the store has closed this account; ask its provider" },
  InvalidAccessKeyId: {
    code: "denied",
    todo: "the store knows no such key: look at AWS_ACCESS_KEY_ID and AWS_ENDPOINT_URL",
  },
  SignatureDoesNotMatch: {
    code: "denied",
    todo: "the key and its secret do not belong together: look at AWS_SECRET_ACCESS_KEY and AWS_REGION",
  },
  AuthorizationHeaderMalformed: {
    code: "denied",
    todo: "the bucket is in another region: look at AWS_REGION",
  },
  ExpiredToken: { code: "denied", todo: EXPIRED },
  InvalidToken: { code: "denied", todo: EXPIRED },
  RequestTimeTooSkewed: { code: "denied", todo: CLOCK },
  ERR_S3_MISSING_CREDENTIALS: {
    code: "denied",
    todo: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set in the environment",
  },
  ConnectionRefused: { code: "away", todo: UNREACHABLE },
  ConnectionClosed: { code: "away", todo: UNREACHABLE },
  FailedToOpenSocket: { code: "away", todo: UNREACHABLE },
  InternalError: { code: "away", todo: FAILED },
  ServiceUnavailable: { code: "away", todo: FAILED },
  SlowDown: { code: "away", todo: "the store is asked too much: try again in some minutes" },
  NoSuchBucket: {
    code: "away",
    todo: "there is no such bucket: make it, or look at --archive and AWS_ENDPOINT_URL",
  },
};

/** Codes that are about the key itself. */
export const KEY_CODES: ReadonlySet<string> = new Set([
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
]);

/** What a code means; undefined where it is none of these: a failure that may pass. */
export const reasonOf = (code: string): Reason | undefined => REASONS[code];
