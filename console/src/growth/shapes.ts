/** Shapes of codes in forms, and back. */
import type { components } from "../api/schema.gen";

export type Plan = components["schemas"]["PlanShape"];
export type Says = components["schemas"]["SaysShape"];

export const ALL_WEEK = [1, 2, 3, 4, 5, 6, 7];
export const DAY = 1440;

export const NEW_PLAN: Plan = {
  staff: [],
  departments: [],
  shifts: [],
  specials: [],
  backups: [],
  caps: {},
  cap: null,
  rotation: "random",
  is_exclusive: false,
  acceptance: "always",
  accept_slots: [],
};
export const NEW_SAYS: Says = { text: "", attachments: [], times: [] };

/** 570 → "09:30"; the end of the day is "00:00". */
export function clockOf(minute: number): string {
  const within = minute % DAY;
  const pad = (value: number) => String(value).padStart(2, "0");
  return `${pad(Math.floor(within / 60))}:${pad(within % 60)}`;
}

/** "09:30" → 570; as an end "00:00" is the end of the day. */
export function minuteOf(clock: string, isEnd: boolean): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  const minute = hours * 60 + minutes;
  return isEnd && minute === 0 ? DAY : minute;
}
