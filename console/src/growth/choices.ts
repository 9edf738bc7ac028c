/** Who may be put into codes: staff and departments of an account; everybody: also who left. */
import { $api } from "../api/client";

export interface Option {
  value: string;
  label: string;
}

export function useChoices(account: string | undefined): {
  staff: Option[];
  everybody: Option[];
  departments: Option[];
  nameOf: (staff: string) => string;
} {
  const answer = $api.useQuery("get", "/api/code-choices", {}, { staleTime: 60_000 });
  const of = <T extends { account: string }>(all: T[] | undefined) =>
    (all ?? []).filter((one) => !account || one.account === account);
  const all = of(answer.data?.staff);
  const option = (one: (typeof all)[number]) => ({
    value: one.staff,
    label: one.name ? `${one.name} (${one.staff})` : one.staff,
  });
  return {
    staff: all.filter((one) => one.is_active).map(option),
    everybody: all.map(option),
    departments: of(answer.data?.departments).map((one) => ({ value: one.id, label: one.name })),
    nameOf: (id) => answer.data?.staff.find((one) => one.staff === id)?.name || id,
  };
}
