/** How a member of staff is called where only his id is kept. Pure. */
interface Known {
  staff: string;
  name: string;
  is_active: boolean;
}

/** His name; without one his id, and of who left before it was told, that he left. */
export function shownName({ staff, name, is_active: isActive }: Known, left: string): string {
  if (name) return name;
  return isActive ? staff : `${left} (${staff})`;
}
