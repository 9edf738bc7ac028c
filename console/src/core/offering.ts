/** Our accounts that can do a thing, as options: what a platform offers says its manifest. */
import { $api } from "../api/client";
import { useMay } from "./session";

export function useAccountsOffering(offer: string): { value: string; label: string }[] {
  const may = useMay();
  const accounts = $api.useQuery("get", "/api/accounts", {}, { enabled: may("account:read") });
  const catalog = $api.useQuery("get", "/api/platforms");
  const able = (catalog.data?.items ?? [])
    .filter((platform) => platform.offers.includes(offer))
    .map((platform) => platform.name);
  return (accounts.data?.items ?? [])
    .filter((account) => able.includes(account.platform))
    .map((account) => ({ value: account.key, label: account.name || account.key }));
}
