/** Rules of identity namespaces as the editor holds them. */
import type { Row } from "../api/client";

export type Rule = Row<"/api/identity-rules">;

/** What people changed of one namespace. */
export type Override = {
  strength?: string;
  is_single_valued?: boolean;
  limit?: string;
  max_degree?: number;
  priority?: number;
  blocked_patterns?: string[];
};

export type Overrides = Record<string, Override>;

export interface Limit {
  count: number;
  days: number;
}

/** `5 ever`, `5 per 7 days`; null when there is none. */
export function readLimit(text: string): Limit | null {
  const found = /^(\d+) (?:ever|per (\d+) days?)$/.exec(text);
  return found ? { count: Number(found[1]), days: Number(found[2] ?? 0) } : null;
}

export function writeLimit({ count, days }: Limit): string {
  return days > 0 ? `${count} per ${days} days` : `${count} ever`;
}

/** A rule as it would be with a change not in force yet. */
export function ruleWith(rule: Rule, change: Override | undefined): Rule {
  return change ? { ...rule, ...change } : rule;
}

/** The fields of a rule that differ. */
export function changesOf(before: Rule, after: Required<Override>): Override {
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(before[name as keyof Rule]) !== JSON.stringify(value),
  );
  return Object.fromEntries(changed);
}
