import type { Words } from "../locale";

export const guides: Words["guides"] = {
  title: "Guides",
  lead: "Who looks after how many, whom they won and lost lately, and what was sold.",
  staff: "Guide",
  account: "Account",
  customers: "Customers",
  added: "Added, 7 days",
  lost: "Lost, 7 days",
  messages: "Messages, 7 days",
  orders: "Orders",
  revenue: "Revenue",
  empty: "No guides yet",
  emptyHint: "Connect WeCom and sync; each member's figures appear here.",
};
