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

/** Whether a plan being written can be kept already: until then nobody asks who is on duty. */
export function isComplete(plan: Partial<Plan>): boolean {
  const { shifts = [], specials = [], backups = [], accept_slots = [] } = plan;
  const parts = [...shifts, ...specials];
  return (
    (isStaffed(plan) || backups.length > 0 || parts.length > 0) &&
    parts.every((one) => isStaffed(one) && one.weekdays.length > 0 && one.start !== one.end) &&
    specials.every((special) => special.first <= special.last) &&
    (plan.acceptance !== "slots" || accept_slots.length > 0)
  );
}

function isStaffed({ staff = [], departments = [] }: Partial<Pick<Plan, "staff" | "departments">>) {
  return staff.length > 0 || departments.length > 0;
}
