/** One thing after another: who viewed, and then did not order within three days. */
import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, InputNumber, Select } from "antd";
import { labelOf, useT } from "../locale";
import { type ControlsProps, useOptions } from "./Controls";
import type { Step, Unit } from "./definition";
import { fieldOf } from "./leaves";
import { useTools } from "./tools";
import { WhereRows } from "./WhereRows";
import { WindowControls } from "./Window";

const MAX_STEPS = 5;
const UNITS: Unit[] = ["days", "hours", "minutes"];

export function Sequence({ leaf, change }: ControlsProps) {
  const t = useT().segments;
  const steps = leaf.steps ?? [];
  const put = (index: number, step: Step) =>
    change({ steps: steps.map((old, at) => (at === index ? step : old)) });
  const add = () => {
    const before = steps.map(({ absent: _absent, ...rest }) => rest);
    change({ steps: [...before, { name: "order_completed", where: [], within: { days: 3 } }] });
  };
  return (
    <div className="stack" style={{ gap: 8, flexBasis: "100%" }}>
      {steps.map((step, index) => (
        <StepRow
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the list
          key={index}
          step={step}
          index={index}
          isLast={index === steps.length - 1}
          onChange={(next) => put(index, next)}
          {...(steps.length > 2 && index > 0
            ? { onRemove: () => change({ steps: steps.filter((_, at) => at !== index) }) }
            : {})}
        />
      ))}
      <div className="row">
        {steps.length < MAX_STEPS ? (
          <Button size="small" type="text" className="muted" icon={<PlusOutlined />} onClick={add}>
            {t.addStep}
          </Button>
        ) : null}
        <WindowControls leaf={leaf} change={change} />
      </div>
    </div>
  );
}

interface StepProps {
  step: Step;
  index: number;
  isLast: boolean;
  onChange: (step: Step) => void;
  onRemove?: () => void;
}

function StepRow({ step, index, isLast, onChange, onRemove }: StepProps) {
  const t = useT().segments;
  const { catalogue } = useTools();
  const field = fieldOf(catalogue, { op: "event", measure: "count" });
  const options = useOptions(field);
  const properties = (field?.where ?? []).filter((one) => !one.event || one.event === step.name);
  return (
    <div className="row" data-testid="step">
      <span className="muted small">{t.stepNumber(index + 1)}</span>
      {index > 0 ? <Span step={step} onChange={onChange} /> : null}
      {index > 0 && isLast ? <Happens step={step} onChange={onChange} /> : null}
      <Select
        size="small"
        showSearch={{ optionFilterProp: "label" }}
        style={{ minWidth: 140 }}
        aria-label={t.eventName}
        placeholder={t.eventName}
        value={step.name || null}
        options={options}
        onChange={(name) => onChange({ ...step, name: String(name) })}
      />
      {onRemove ? (
        <Button
          type="text"
          size="small"
          icon={<CloseOutlined />}
          aria-label={t.removeStep}
          onClick={onRemove}
        />
      ) : null}
      <WhereRows
        where={step.where ?? []}
        properties={properties}
        onChange={(where) => onChange({ ...step, where })}
      />
    </div>
  );
}

function Happens({ step, onChange }: Pick<StepProps, "step" | "onChange">) {
  const t = useT().segments;
  const set = (isAbsent: boolean) => {
    const { absent: _absent, ...rest } = step;
    onChange(isAbsent ? { ...rest, absent: true, within: step.within ?? { days: 3 } } : rest);
  };
  return (
    <Select
      size="small"
      aria-label={t.happens.yes}
      value={step.absent ?? false}
      options={[
        { value: false, label: t.happens.yes },
        { value: true, label: t.happens.no },
      ]}
      onChange={set}
    />
  );
}

function Span({ step, onChange }: Pick<StepProps, "step" | "onChange">) {
  const t = useT().segments;
  const [told] = Object.entries(step.within ?? {}) as [Unit, number][];
  const [unit, amount] = told ?? [null, 1];
  const set = (next: Unit | "any", count: number) => {
    const { within: _within, ...rest } = step;
    onChange(next === "any" ? rest : { ...rest, within: { [next]: count } });
  };
  const units = UNITS.map((value) => ({ value, label: labelOf(t.spanUnits, value) }));
  return (
    <span className="row tight">
      <span className="muted">{t.afterwards}</span>
      {unit ? (
        <InputNumber
          size="small"
          min={1}
          max={3660}
          precision={0}
          style={{ width: 64 }}
          aria-label={t.span}
          value={amount}
          onChange={(count) => set(unit, count ?? 1)}
        />
      ) : null}
      <Select<Unit | "any">
        size="small"
        style={{ minWidth: 92 }}
        aria-label={t.span}
        value={unit ?? "any"}
        options={step.absent ? units : [...units, { value: "any", label: t.anySpan }]}
        onChange={(next) => set(next, amount)}
      />
    </span>
  );
}
