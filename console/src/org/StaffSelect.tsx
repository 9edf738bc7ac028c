/** Chooses one member of staff; the value is `account|staff`. */
import { Select } from "antd";
import { $api } from "../api/client";

interface StaffSelectProps {
  value?: string | undefined;
  onChange?: (value: string) => void;
  label: string;
  isDisabled?: boolean;
}

export function StaffSelect({ value, onChange, label, isDisabled = false }: StaffSelectProps) {
  const names = $api.useQuery("get", "/api/staff-names");
  return (
    <Select
      showSearch
      optionFilterProp="label"
      aria-label={label}
      placeholder={label}
      disabled={isDisabled}
      loading={names.isLoading}
      value={value ?? null}
      onChange={(next) => next && onChange?.(next)}
      style={{ width: "100%" }}
      options={names.data?.items.map((one) => ({
        value: `${one.account}|${one.staff}`,
        label: one.name && one.name !== one.staff ? `${one.name} (${one.staff})` : one.staff,
      }))}
    />
  );
}

/** `account|staff` → both. */
export function splitStaff(value: string): { account: string; staff: string } {
  const [account = "", staff = ""] = value.split("|");
  return { account, staff };
}
