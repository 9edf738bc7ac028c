/** Filters of the customer list, kept in the address so that links and "back" work. */
export interface CustomerFilters {
  q?: string | undefined;
  platform?: string | undefined;
  stage?: string | undefined;
  tag_id?: number | undefined;
  segment_id?: number | undefined;
  field?: string | undefined;
  value?: string | undefined;
}

function textOf(search: URLSearchParams, key: string): string | undefined {
  return search.get(key)?.trim() || undefined;
}

function idOf(search: URLSearchParams, key: string): number | undefined {
  const value = Number(search.get(key));
  return Number.isInteger(value) && value > 0 ? value : undefined;
}

export function filtersOf(search: URLSearchParams): CustomerFilters {
  return {
    q: textOf(search, "q"),
    platform: textOf(search, "platform"),
    stage: textOf(search, "stage"),
    tag_id: idOf(search, "tag_id"),
    segment_id: idOf(search, "segment_id"),
    field: textOf(search, "field"),
    value: textOf(search, "value"),
  };
}

export function paramsOf(filters: CustomerFilters): Record<string, string> {
  const kept = Object.entries(filters).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(kept.map(([key, value]) => [key, String(value)]));
}

export function hasFilters(filters: CustomerFilters): boolean {
  return Object.keys(paramsOf(filters)).length > 0;
}
