/** What a take-over would do, counted for people. Pure. */
interface CountedGroup {
  remote_id: string;
  members: number;
  customers: number;
}

/** The chosen groups added up. */
export function tally(
  groups: CountedGroup[],
  chosen: string[],
): { groups: number; members: number; customers: number } {
  const wanted = new Set(chosen);
  const found = groups.filter((one) => wanted.has(one.remote_id));
  const sum = (of: (one: CountedGroup) => number) => found.reduce((all, one) => all + of(one), 0);
  return {
    groups: found.length,
    members: sum((one) => one.members),
    customers: sum((one) => one.customers),
  };
}

/** Who is chosen when of those shown only these are: whoever is not shown stays as he was. */
export function rechosen(chosen: number[], shown: number[], ticked: number[]): number[] {
  const seen = new Set(shown);
  return [...new Set([...chosen.filter((one) => !seen.has(one)), ...ticked])];
}

/** Reasons and how many they hold back, the most frequent first. */
export function reasonsOf(blocked: Record<string, number>, words: Record<string, string>): string {
  return Object.entries(blocked)
    .sort((a, b) => b[1] - a[1])
    .map(([code, count]) => `${words[code] ?? code}: ${count}`)
    .join("; ");
}
