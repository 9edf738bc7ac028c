/** Which losses are asked for. Pure. */
export interface LossFilter {
  direction: string;
  staff: string;
  /** Days in Shanghai, both included; "" = open. */
  start: string;
  end: string;
}

export const EVERY_LOSS: LossFilter = { direction: "all", staff: "", start: "", end: "" };

/** The query of a filter, without what is not filtered by. */
export function queryOf({ direction, ...rest }: LossFilter): Partial<LossFilter> {
  const wanted = { direction: direction === "all" ? "" : direction, ...rest };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value));
}

/** Where the same losses are as a file. */
export function fileOf(filter: LossFilter): string {
  const query = new URLSearchParams(queryOf(filter) as Record<string, string>).toString();
  return `/api/losses.csv${query ? `?${query}` : ""}`;
}
