/** One condition: its field, comparison and value. */
import { InputNumber, Select } from "antd";
import { labelOf, useLanguage, useT } from "../locale";
import { Count, Remove, useTools } from "./Builder";
import type { Leaf, Path } from "./definition";
import { type Field, fieldOf } from "./leaves";
import { ValueInput } from "./ValueInput";

interface ConditionProps {
  leaf: Leaf;
  path: Path;
}

export function ConditionRow({ leaf, path }: ConditionProps) {
  const { catalogue, dispatch } = useTools();
  const language = useLanguage();
  const field = fieldOf(catalogue, leaf);
  const change = (part: Partial<Leaf>) =>
    dispatch({ kind: "replace", path, node: { ...leaf, ...part } });
  const isMeasure = leaf.op === "order" || leaf.op === "event";
  const group = isMeasure ? catalogue.find((item) => item.key === leaf.op) : undefined;
  const label = [group, field].flatMap((item) =>
    item ? [language === "zh" ? item.zh : item.en] : [],
  );
  return (
    <div
      className="spread"
      style={{ background: "var(--soft)", borderRadius: 8, padding: "8px 10px" }}
      data-testid="condition"
    >
      <div className="row" style={{ flex: 1 }}>
        <span className="strong">{label.join(" · ") || leaf.op}</span>
        <Controls leaf={leaf} field={field} change={change} />
      </div>
      <span className="row tight" style={{ flexWrap: "nowrap" }}>
        <Count path={path} />
        <Remove path={path} />
      </span>
    </div>
  );
}

export interface ControlsProps {
  leaf: Leaf;
  field: Field | undefined;
  change: (part: Partial<Leaf>) => void;
}

function Controls(props: ControlsProps) {
  switch (props.leaf.op) {
    case "trait":
      return <Comparison {...props} />;
    case "order":
      return (
        <>
          <Comparison {...props} />
          {props.leaf.measure?.startsWith("days") ? null : <Within {...props} />}
        </>
      );
    case "event":
      return <EventControls {...props} />;
    case "rfm":
      return <RfmControls {...props} />;
    default:
      return <ChoiceControls {...props} />;
  }
}

function Comparison({ leaf, field, change }: ControlsProps) {
  const t = useT();
  const cmps = field?.cmps ?? ["eq"];
  return (
    <>
      <Select
        size="small"
        aria-label={t.segments.measure}
        style={{ minWidth: 84 }}
        value={leaf.cmp ?? null}
        options={cmps.map((cmp) => ({ value: cmp, label: labelOf(t.kit.cmps, cmp) }))}
        onChange={(cmp: string) => change({ cmp, ...valueFor(cmp, leaf) })}
      />
      <ValueInput leaf={leaf} field={field} change={change} />
    </>
  );
}

/** A list for `in`, true for `exists`, one value otherwise. */
function valueFor(cmp: string, leaf: Leaf): Partial<Leaf> {
  const { value = null } = leaf;
  if (cmp === "exists") return { value: true };
  if (cmp === "in")
    return {
      value: Array.isArray(value)
        ? value
        : value === null || typeof value === "boolean"
          ? []
          : [value],
    };
  if (Array.isArray(value)) return { value: value[0] ?? null };
  return { value: typeof value === "boolean" ? null : value };
}

function Within({ leaf, change }: ControlsProps) {
  const t = useT().segments;
  return (
    <span className="row tight">
      <span className="muted">{t.within}</span>
      <InputNumber
        size="small"
        min={1}
        max={3660}
        precision={0}
        style={{ width: 72 }}
        aria-label={t.withinDays}
        value={leaf.within_days ?? null}
        onChange={(within_days) => change({ within_days })}
      />
      <span className="muted">{t.withinDays}</span>
    </span>
  );
}

function useOptions(field: Field | undefined): { value: string | number; label: string }[] {
  const language = useLanguage();
  return (field?.values ?? []).map((item) => ({
    value: item.value,
    label: language === "zh" ? item.zh : item.en,
  }));
}

function EventControls(props: ControlsProps) {
  const { leaf, field, change } = props;
  const t = useT().segments;
  const options = useOptions(field);
  return (
    <>
      <Select
        size="small"
        showSearch={{ optionFilterProp: "label" }}
        style={{ minWidth: 140 }}
        aria-label={t.eventName}
        placeholder={t.eventName}
        value={leaf.name || null}
        options={options}
        onChange={(name) => change({ name: String(name) })}
      />
      <Comparison {...props} />
      {leaf.measure === "count" ? <Within {...props} /> : null}
    </>
  );
}

const SCORES = [1, 2, 3, 4, 5].map((value) => ({ value, label: String(value) }));

function RfmControls({ leaf, change }: ControlsProps) {
  return (
    <>
      {(["r", "f", "m"] as const).map((part) => (
        <span className="row tight" key={part}>
          <span className="muted">{part.toUpperCase()}</span>
          <Select
            size="small"
            mode="multiple"
            aria-label={part.toUpperCase()}
            style={{ minWidth: 90 }}
            value={leaf[part] ?? []}
            options={SCORES}
            onChange={(scores: number[]) => change({ [part]: scores })}
          />
        </span>
      ))}
    </>
  );
}

const CHOICE_KEYS: Record<string, "tag_id" | "platform" | "namespace" | "channel" | "segment_id"> =
  {
    tag: "tag_id",
    platform: "platform",
    identity: "namespace",
    reachable: "channel",
    segment: "segment_id",
  };

function ChoiceControls({ leaf, field, change }: ControlsProps) {
  const t = useT().segments;
  const options = useOptions(field);
  const key = CHOICE_KEYS[leaf.op];
  if (!key) return null;
  return (
    <>
      {leaf.has === undefined ? null : (
        <Select
          size="small"
          aria-label={t.has}
          value={leaf.has}
          options={[
            { value: true, label: t.has },
            { value: false, label: t.hasNot },
          ]}
          onChange={(has: boolean) => change({ has })}
        />
      )}
      <Select
        size="small"
        showSearch={{ optionFilterProp: "label" }}
        style={{ minWidth: 150 }}
        aria-label={t.value}
        placeholder={t.value}
        value={leaf[key] ?? null}
        options={options}
        onChange={(value) => change({ [key]: value })}
      />
    </>
  );
}
