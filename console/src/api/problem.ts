/** What went wrong, as the server or the network said it. */
export interface Problem {
  title: string;
  status: number;
  code: string;
  field: string | null;
}

export function isProblem(error: unknown): error is Problem {
  return typeof error === "object" && error !== null && "code" in error && "status" in error;
}

/** Whether it failed because the record is not there (any more). */
export function isGone(error: unknown): boolean {
  return isProblem(error) && error.status === 404;
}

/** Any thrown value as a problem; a failed connection has the code `network`. */
export function problemOf(error: unknown): Problem {
  if (isProblem(error)) return { ...error, field: error.field ?? null };
  const title = error instanceof Error ? error.message : String(error);
  return { title, status: 0, code: "network", field: null };
}
