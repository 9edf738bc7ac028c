/** Chooses one member of staff; the value is `account|staff`. */
import { Select } from "antd";
import { $api } from "../api/client";
import { useT } from "../locale";
import { staffOptions } from "./staff_options";

interface StaffSelectProps {
  value?: string | undefined;
  onChange?: (value: string) => void;
  label: string;
  isDisabled?: boolean;
  /** Only staff of this account. */
  account?: string | undefined;
  /** Only those who still work there. */
  isPresentOnly?: boolean;
}

export function StaffSelect(props: StaffSelectProps) {
  const { value, onChange, label, isDisabled = false, account, isPresentOnly = false } = props;
  const t = useT().org.ranking;
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
      options={staffOptions(names.data?.items ?? [], { account, isPresentOnly, left: t.left })}
    />
  );
}

/** `account|staff` → both. */
export function splitStaff(value: string): { account: string; staff: string } {
  const [account = "", staff = ""] = value.split("|");
  return { account, staff };
}
