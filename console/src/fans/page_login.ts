/** Addresses that sign visitors of our pages in. Pure. */
interface Visit {
  target: string;
  scope: string;
}

/** Where a page sends its visitor. target: a path of ours; scope: `base` or `userinfo`. */
export function loginLink(origin: string, account: string, { target, scope }: Visit): string {
  const query = new URLSearchParams({ to: target || "/", scope });
  return `${origin}/api/visits/${account}/authorize?${query}`;
}
