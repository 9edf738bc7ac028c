import type { Words } from "../locale";

export const lake: Words["lake"] = {
  title: "SQL",
  lead: "Query history and orders, read-only. Tables: events, customers, identities, tags, orders, touches, segment_memberships.",
  run: "Run",
  runKeys: "Ctrl + Enter runs",
  examples: "Examples",
  exampleWords: {
    sources: "Customers by source",
    months: "Orders and revenue by month",
    events: "Events of 7 days",
    touches: "What became of touches",
  },
  took: (ms, rows) => `${rows} rows · ${ms} ms`,
  empty: "Write a SELECT and run it",
  emptyHint: "Or start from an example.",
  noRows: "No rows",
  placeholder: "SELECT …",
};
