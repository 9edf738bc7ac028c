/** Whether an account lives in the sandbox; asked once, by those who may control it. */
import { $api } from "../api/client";

export function useHasSandbox(mayControl: boolean): boolean {
  const presence = $api.useQuery(
    "get",
    "/api/sandbox/presence",
    {},
    { enabled: mayControl, staleTime: Number.POSITIVE_INFINITY, retry: false },
  );
  return presence.data?.is_present ?? false;
}
