import type { writeback as zh } from "./zh";

export const writeback: typeof zh = {
  sync: "Sync to platform",
  syncTo: (account) => `Sync to ${account}`,
  syncHint:
    "Keeps the tags of this group equal both ways: put on or taken off here, they are written to each friend among our staff; what staff change there counts by the last word.",
  offAsk: "Nothing is written any more; the platform keeps the tags it has.",
  walking: "Comparing",
  equal: (n) => `written ${n}`,
  waiting: (n) => `waiting ${n}`,
  refused: (n) => `refused ${n}`,
  retry: "Try again",
  retried: "Queued again",
  switched: "Saved",
  remarks: "Remarks",
  remarksHint: "What each member of staff calls this customer; written to the platform in seconds.",
  noRemarks: "No relation whose remark can be written",
  edit: "Edit remark",
  remark: "Remark",
  description: "Description",
  company: "Company",
  mobiles: "Phones",
  mobilesHint: "Replaces all numbers there; several with spaces between; empty leaves them",
  saved: "Queued; written in seconds",
  states: { waiting: "writing", refused: "refused" },
  none: "no remark",
};
