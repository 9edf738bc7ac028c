/** Words of the console. `useT()` answers the whole dictionary; keys are typed by `zh.ts`. */
import { usePreferences } from "../app/preferences";
import type { Language } from "../kit/format";
import { en } from "./en";
import { zh } from "./zh";

export type Words = typeof zh;

export const dictionaries: Record<Language, Words> = { zh, en };

export function useT(): Words {
  return dictionaries[usePreferences().language];
}

export function useLanguage(): Language {
  return usePreferences().language;
}

/** A label by code; codes nobody translated yet are shown as they are. */
export function labelOf(labels: Record<string, string>, code: string): string {
  return labels[code] ?? code;
}
