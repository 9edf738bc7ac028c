import type { Words } from "../locale";

export const talk: Words["talk"] = {
  title: "Conversations",
  lead: "Letters from every platform in one place, with the reply window counting down.",
  empty: "No conversations yet",
  emptyHint: "They appear when a customer writes on WeCom or Douyin.",
  choose: "Choose a conversation",
  chooseHint: "On the left are those who wrote lately.",
  reply: "Reply",
  placeholder: "Say something; Ctrl + Enter sends",
  sent: "Handed to the ledger to send",
  window: (span) => `${span} left to reply`,
  closed: "The reply window is closed until the customer writes again",
  remaining: (n) => `${n} replies left`,
  profile: "See the customer",
  earlier: "Earlier messages",
  noMessages: "No messages yet",
  back: "All conversations",
};
