/** A customer's changes of hands, as they are read. Pure. */
export interface Change {
  id: number;
  reason: string;
  note: string;
}

/** The last decision first: who came earlier but was heard of late counts from an earlier day. */
export function byDecision<T extends Change>(changes: T[]): T[] {
  return [...changes].sort((a, b) => b.id - a.id);
}

/** What somebody wrote; nothing where the note is the system's own mark. */
export function writtenNote({ reason, note }: Change): string {
  return reason === "manual" ? note : "";
}
