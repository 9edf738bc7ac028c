/** When: ever, in the last days, or between two dates. */
import { DatePicker, InputNumber, Select } from "antd";
import dayjs from "dayjs";
import { labelOf, useT } from "../locale";
import type { Leaf } from "./definition";

interface WindowProps {
  leaf: Leaf;
  change: (part: Partial<Leaf>) => void;
}

type Kind = "ever" | "within" | "between";

export function WindowControls({ leaf, change }: WindowProps) {
  const t = useT().segments;
  const kind: Kind = leaf.between ? "between" : leaf.within_days ? "within" : "ever";
  const set = (next: Kind) =>
    change({
      within_days: next === "within" ? 30 : null,
      between: next === "between" ? lastMonth() : null,
    });
  return (
    <span className="row tight">
      <Select<Kind>
        size="small"
        style={{ minWidth: 104 }}
        aria-label={t.window}
        value={kind}
        options={(["ever", "within", "between"] as const).map((value) => ({
          value,
          label: labelOf(t.windows, value),
        }))}
        onChange={set}
      />
      {kind === "within" ? (
        <>
          <InputNumber
            size="small"
            min={1}
            max={3660}
            precision={0}
            style={{ width: 72 }}
            aria-label={t.withinDays}
            value={leaf.within_days ?? null}
            onChange={(days) => change({ within_days: days ?? 1 })}
          />
          <span className="muted">{t.withinDays}</span>
        </>
      ) : null}
      {kind === "between" ? <Dates leaf={leaf} change={change} /> : null}
    </span>
  );
}

function Dates({ leaf, change }: WindowProps) {
  const t = useT().segments;
  const [from, to] = leaf.between ?? ["", ""];
  return (
    <DatePicker.RangePicker
      size="small"
      allowClear={false}
      aria-label={t.windows.between ?? ""}
      value={from && to ? [dayjs(from), dayjs(to)] : null}
      onChange={(days) => {
        const [first, last] = days ?? [];
        if (first && last)
          change({ between: [first.format("YYYY-MM-DD"), last.format("YYYY-MM-DD")] });
      }}
    />
  );
}

function lastMonth(): [string, string] {
  const today = dayjs();
  return [today.subtract(29, "day").format("YYYY-MM-DD"), today.format("YYYY-MM-DD")];
}
