/** The server's clock: a demo lives faster than the wall clock, so "3 minutes ago" asks here. */
let offset = 0;

export function setServerNow(iso: string): void {
  const at = Date.parse(iso);
  if (!Number.isNaN(at)) offset = at - Date.now();
}

export function serverNow(): number {
  return Date.now() + offset;
}
