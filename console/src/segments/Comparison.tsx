/** Comparison and value: which comparisons a field takes, and the value each needs. */
import { Select } from "antd";
import { labelOf, useT } from "../locale";
import type { ControlsProps } from "./Controls";
import { ValueInput } from "./ValueInput";
import { valueFor } from "./values";

export function Comparison({ leaf, field, change }: ControlsProps) {
  const t = useT();
  const cmps = field?.cmps ?? ["eq"];
  return (
    <>
      <Select
        size="small"
        aria-label={t.segments.comparison}
        style={{ minWidth: 92 }}
        value={leaf.cmp ?? null}
        options={cmps.map((cmp) => ({ value: cmp, label: labelOf(t.kit.cmps, cmp) }))}
        onChange={(cmp: string) => change({ cmp, value: valueFor(cmp, leaf.value ?? null) })}
      />
      <ValueInput
        cmp={leaf.cmp ?? "eq"}
        value={leaf.value ?? null}
        field={field}
        onChange={(value) => change({ value })}
      />
    </>
  );
}

export function Has({ leaf, change }: Pick<ControlsProps, "leaf" | "change">) {
  const t = useT().segments;
  return (
    <Select
      size="small"
      aria-label={t.has}
      value={leaf.has ?? true}
      options={[
        { value: true, label: t.has },
        { value: false, label: t.hasNot },
      ]}
      onChange={(has: boolean) => change({ has })}
    />
  );
}
