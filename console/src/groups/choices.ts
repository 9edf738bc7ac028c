/** Choices shared by the forms of this folder. */
import { $api } from "../api/client";
import { useMay } from "../core/session";
import { useAccountLabel } from "../kit/Values";

type Option<T> = { value: T; label: string };

/** Our accounts on platforms that have groups. */
export function useGroupAccounts(): Option<string>[] {
  const may = useMay();
  const label = useAccountLabel();
  const accounts = $api.useQuery("get", "/api/accounts", {}, { enabled: may("account:read") });
  const platforms = $api.useQuery("get", "/api/platforms");
  const able = new Set(
    (platforms.data?.items ?? [])
      .filter((one) => (one.offers as string[]).includes("groups"))
      .map((one) => one.name),
  );
  return (accounts.data?.items ?? [])
    .filter((one) => able.has(one.platform))
    .map((one) => ({ value: one.key, label: label(one.key) }));
}

/** Living groups of an account. */
export function useGroupOptions(account: string | undefined): Option<number>[] {
  const groups = $api.useQuery(
    "get",
    "/api/groups",
    { params: { query: { account: account ?? "", limit: 200 } } },
    { enabled: Boolean(account) },
  );
  return (groups.data?.items ?? []).map((one) => ({
    value: one.id,
    label: `${one.name} · ${one.members}`,
  }));
}

/** Group codes. */
export function useCodeOptions(): Option<number>[] {
  const codes = $api.useQuery("get", "/api/group-codes");
  return (codes.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
}

/** Staff by remote id. */
export function useStaffOptions(): Option<string>[] {
  const names = $api.useQuery("get", "/api/staff-names");
  return (names.data?.items ?? []).map((one) => ({
    value: one.staff,
    label: one.name || one.staff,
  }));
}
