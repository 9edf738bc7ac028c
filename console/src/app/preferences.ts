/** What a person chose for this browser: language and light or dark. Remembered. */
import { useSyncExternalStore } from "react";
import type { Language } from "../kit/format";

export type Mode = "light" | "dark";

interface Preferences {
  language: Language;
  mode: Mode;
}

const KEY = "siyu.preferences";
const listeners = new Set<() => void>();
let current: Preferences = read();

function read(): Preferences {
  const system: Mode = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
    return {
      language: kept.language === "en" ? "en" : "zh",
      mode: kept.mode === "light" || kept.mode === "dark" ? kept.mode : system,
    };
  } catch {
    return { language: "zh", mode: system };
  }
}

export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  localStorage.setItem(KEY, JSON.stringify(current));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current);
}
