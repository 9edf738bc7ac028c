/** Chooses a customer by name or remark, phone, or number. */
import { Select } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { problemOf } from "../api/problem";
import { useMay } from "../core/session";
import { useT } from "../locale";
import { type CustomerOption, customerOptions, numberOption } from "./customer_options";
import { useSettled } from "./settled";

interface CustomerSelectProps {
  /** Given by a form's item. */
  id?: string;
  value?: number | null;
  onChange?: (customerId: number | null) => void;
  /** For who hears the page; a form's item has its own. */
  label?: string;
}

export function CustomerSelect({ id, value, onChange, label }: CustomerSelectProps) {
  const words = useT().kit.customers;
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<CustomerOption>();
  const typed = text.trim();
  const { options, hint } = useFound(typed);
  const kept = chosen?.value === value ? chosen : undefined;
  const shown = value ? [kept ?? { value, label: `#${value}` }] : [];
  return (
    <Select<number, CustomerOption>
      allowClear
      {...(id ? { id } : {})}
      {...(label ? { "aria-label": label } : {})}
      placeholder={words.search}
      style={{ width: "100%" }}
      showSearch={{ filterOption: false, searchValue: text, onSearch: setText }}
      value={value ?? null}
      options={typed ? options : shown}
      notFoundContent={<span className="muted small">{hint}</span>}
      onChange={(next, option) => {
        setChosen(Array.isArray(option) ? undefined : option);
        setText("");
        onChange?.(next ?? null);
      }}
    />
  );
}

/** Who fits what was typed; nobody while it is still being looked for, lest Enter takes others. */
function useFound(typed: string): { options: CustomerOption[]; hint: string } {
  const words = useT().kit.customers;
  const isAble = useMay()("customer:read");
  const wanted = useSettled(typed);
  const found = $api.useQuery(
    "get",
    "/api/customers",
    { params: { query: { q: wanted, limit: 8 } } },
    { enabled: isAble && wanted !== "" },
  );
  if (!isAble) return { options: numberOption(typed), hint: words.number };
  if (typed === "") return { options: [], hint: words.search };
  if (found.isError) return { options: [], hint: problemOf(found.error).title };
  if (wanted !== typed || !found.data) return { options: [], hint: words.looking };
  return { options: customerOptions(found.data.items, typed), hint: words.nobody };
}
