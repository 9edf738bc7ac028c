/** The choices a column has, and the mapping people made of them. Pure. */
export interface Column {
  name: string;
  samples: string[];
  field: string;
}

export interface Choice {
  value: string;
  label: string;
}

const OPEN_FAMILY: Record<string, string> = { customers: "trait:", events: "property:" };

/** All fields of a kind, this column's own open field, and leaving it out. */
export function choicesOf(
  kind: string,
  column: Column,
  fields: { field: string; name: string }[],
  words: { leaveOut: string; asProperty: string; asTrait: string },
): Choice[] {
  const family = OPEN_FAMILY[kind];
  const own = family ? `${family}${column.name}` : "";
  const label = family === "trait:" ? words.asTrait : words.asProperty;
  const known = fields.map(({ field, name }) => ({ value: field, label: name }));
  const extra =
    own && !fields.some(({ field }) => field === own)
      ? [{ value: own, label: `${label}: ${column.name}` }]
      : [];
  return [{ value: "", label: words.leaveOut }, ...known, ...extra];
}

/** header → field of the columns that are imported. */
export function columnsOf(chosen: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(chosen).filter(([, field]) => field !== ""));
}

/** "45 s" or "3 min" of a number of seconds. */
export function spell(
  seconds: number,
  words: { seconds: (count: number) => string; minutes: (count: number) => string },
): string {
  return seconds < 90 ? words.seconds(seconds) : words.minutes(Math.round(seconds / 60));
}
