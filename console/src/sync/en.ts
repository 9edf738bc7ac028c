import type { sync as zh } from "./zh";

export const sync: typeof zh = {
  idle: "Never synced",
  states: { running: "Syncing", done: "Last sync", failed: "The sync did not finish" },
  waits: (at) => `the platform makes us wait until ${at}`,
  left: (text) => `about ${text} left`,
  rate: (n) => `${n}/s`,
  minutes: (n) => `${n} min`,
  seconds: (n) => `${n} s`,
  found: (n) => `read ${n}`,
  changed: (n) => `changed ${n}`,
  gone: (n) => `gone ${n}`,
  sources: {
    directory: "Staff and departments",
    contacts: "Customers and relations",
    tags: "Corp tags",
    groups: "Groups and members",
    codes: "Live codes",
  },
  setup: {
    steps: ["Credentials", "Self-check", "Callback", "Sync"],
    next: "Next",
    finish: "Finish",
    checking: "Checking…",
    checkLead:
      "Every line must be fine; those that are not say why and what to do. Check again after.",
    again: "Check again",
    skip: "Skip for now",
    callbackLead:
      "Enter this address in the platform's callback settings and save; the platform verifies it. WeCom: Apps, this app, Receive messages, Set API receiving, with the token and the EncodingAESKey from before; then switch on the external contact callback.",
    waiting:
      "Waiting for the platform's first callback… add a member of staff from a phone to try.",
    received: "A callback arrived: it works.",
    syncLead:
      "Pull in the staff, customers, tags and groups that are there already. You may leave; it goes on where it stopped.",
    start: "Start the sync",
    noSync: "This platform has no lists to pull; you are ready.",
  },
};
