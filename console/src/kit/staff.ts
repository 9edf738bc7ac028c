/** Names of our staff where an id is kept. */
import { $api } from "../api/client";
import { useMay } from "../core/session";

const MINUTES_10 = 600_000;

/** The name of a member of staff by account and id; the id while the name is unknown. */
export function useStaffName(): (account: string, staff: string) => string {
  const may = useMay();
  const names = $api.useQuery(
    "get",
    "/api/staff-names",
    {},
    { enabled: may("customer:read"), staleTime: MINUTES_10 },
  );
  return (account, staff) =>
    names.data?.items.find((one) => one.staff === staff && (!account || one.account === account))
      ?.name || staff;
}
