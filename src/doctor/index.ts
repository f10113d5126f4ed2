// What `calllog doctor` looks at, and how: the face.

export { CHECKS, type NamedCheck } from "./checks.ts";
export { ANSWER_TIMEOUT_MS, type Finding } from "./finding.ts";
export { diagnose, type Patient, type ToldFinding } from "./run.ts";
export { sizeText } from "./size.ts";
