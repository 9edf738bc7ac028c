import type { Words } from "../locale";

export const commerce: Words["commerce"] = {
  title: "Orders",
  lead: "Every order from shop events and files; orders of nobody known are kept and attributed to nobody.",
  orderNo: "Order",
  placedAt: "Placed",
  amount: "Amount",
  refund: "Refund",
  net: "Net",
  status: "Status",
  platform: "Platform",
  items: "Items",
  customer: "Customer",
  nobody: "Nobody known",
  source: "Source",
  export: "Export",
  statuses: {
    paid: "Paid",
    refunded: "Refunded",
    partly_refunded: "Partly refunded",
    cancelled: "Cancelled",
  },
  empty: "No orders yet",
  emptyHint: "Let the shop send order_completed, or run siyu import orders FILE.csv.",
  none: "Has not ordered yet",
};
