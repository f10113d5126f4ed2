// Invitations of people into enterprises: kept as files beside the records. Who may come and what they are told is
// telegram's; who asks for one is the command line's.

export { openInvitations } from "./store.ts";
export type { FoundInvitation, Invitation, InvitationStore, UsedBy } from "./types.ts";
