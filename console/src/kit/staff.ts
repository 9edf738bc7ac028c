/** Names of our staff where an id is kept. */
import { $api } from "../api/client";
import { useMay } from "../core/session";
import { useT } from "../locale";
import { shownName } from "./staff_name";

const MINUTES_10 = 600_000;

/** The name of a member of staff by account and id; the id while the name is unknown. */
export function useStaffName(): (account: string, staff: string) => string {
  const t = useT().org.ranking;
  const may = useMay();
  const names = $api.useQuery(
    "get",
    "/api/staff-names",
    {},
    { enabled: may("customer:read"), staleTime: MINUTES_10 },
  );
  return (account, staff) => {
    const one = names.data?.items.find(
      (each) => each.staff === staff && (!account || each.account === account),
    );
    return one ? shownName(one, t.left) : staff;
  };
}

/** Members of staff to choose from, by their id at the platform. */
export function useStaffIds(): { value: string; label: string }[] {
  const names = $api.useQuery("get", "/api/staff-names", {}, { staleTime: MINUTES_10 });
  const labels = new Map(
    (names.data?.items ?? []).map(({ staff, name }) => [
      staff,
      name && name !== staff ? `${name} (${staff})` : staff,
    ]),
  );
  return [...labels].map(([value, label]) => ({ value, label }));
}
