/** The inputs of a condition, by what it asks. */
import { AutoComplete, Select } from "antd";
import { labelOf, useLanguage, useT } from "../locale";
import { Comparison, Has } from "./Comparison";
import type { Leaf } from "./definition";
import type { Field } from "./leaves";
import { Sequence } from "./Sequence";
import { ConsentControls, OriginSelect, TouchFilters } from "./StateControls";
import { WhereRows } from "./WhereRows";
import { WindowControls } from "./Window";

export interface ControlsProps {
  leaf: Leaf;
  field: Field | undefined;
  change: (part: Partial<Leaf>) => void;
}

export function Controls(props: ControlsProps) {
  switch (props.leaf.op) {
    case "trait":
      return <Comparison {...props} />;
    case "order":
      return (
        <>
          <Comparison {...props} />
          <WindowOf {...props} />
          <WhereRows
            where={props.leaf.where ?? []}
            properties={props.field?.where ?? []}
            onChange={(where) => props.change({ where })}
          />
        </>
      );
    case "event":
      return <EventControls {...props} />;
    case "touch":
      return (
        <>
          <Comparison {...props} />
          <WindowOf {...props} />
          <TouchFilters {...props} />
        </>
      );
    case "sequence":
      return <Sequence {...props} />;
    case "consent":
      return <ConsentControls {...props} />;
    case "rfm":
      return <RfmControls {...props} />;
    case "tag":
      return (
        <>
          <ChoiceControls {...props} />
          <OriginSelect {...props} />
          <WindowOf {...props} />
        </>
      );
    default:
      return <ChoiceControls {...props} />;
  }
}

/** The window, where the catalogue says that the field takes one. */
function WindowOf({ leaf, field, change }: ControlsProps) {
  const isDays = leaf.measure?.startsWith("days_since") ?? false;
  if (!(field?.windows ?? !isDays)) return null;
  return <WindowControls leaf={leaf} change={change} />;
}

export function useOptions(field: Field | undefined): { value: string | number; label: string }[] {
  const language = useLanguage();
  return (field?.values ?? []).map((item) => ({
    value: typeof item.value === "boolean" ? String(item.value) : item.value,
    label: language === "zh" ? item.zh : item.en,
  }));
}

const OF_PROPERTY = ["sum", "distinct"];

function EventControls(props: ControlsProps) {
  const { leaf, field, change } = props;
  const t = useT().segments;
  const options = useOptions(field);
  const properties = (field?.where ?? []).filter((one) => !one.event || one.event === leaf.name);
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
      {OF_PROPERTY.includes(leaf.measure ?? "") ? (
        <AutoComplete
          size="small"
          style={{ width: 130 }}
          aria-label={t.property}
          placeholder={t.property}
          value={leaf.property ?? ""}
          options={properties.map((one) => ({ value: one.property }))}
          onChange={(property: string) => change({ property })}
        />
      ) : null}
      <Comparison {...props} />
      <WindowOf {...props} />
      <WhereRows
        where={leaf.where ?? []}
        properties={properties}
        onChange={(where) => change({ where })}
      />
    </>
  );
}

const SCORES = [1, 2, 3, 4, 5].map((value) => ({ value, label: String(value) }));

function RfmControls({ leaf, change }: ControlsProps) {
  const t = useT().segments;
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
      <span className="muted small">{t.rfmHint}</span>
    </>
  );
}

type ChoiceKey =
  | "tag_id"
  | "group"
  | "platform"
  | "namespace"
  | "channel"
  | "segment_id"
  | "list_id"
  | "group_id";

const CHOICE_KEYS: Record<string, ChoiceKey> = {
  tag: "tag_id",
  platform: "platform",
  identity: "namespace",
  reachable: "channel",
  segment: "segment_id",
  list: "list_id",
  in_group: "group_id",
};

function ChoiceControls({ leaf, field, change }: ControlsProps) {
  const t = useT().segments;
  const options = useOptions(field);
  const key = leaf.op === "tag" && leaf.group !== undefined ? "group" : CHOICE_KEYS[leaf.op];
  if (!key) return null;
  const chosen = leaf[key];
  return (
    <>
      {field?.has === false ? null : <Has leaf={leaf} change={change} />}
      <Select
        size="small"
        showSearch={{ optionFilterProp: "label" }}
        style={{ minWidth: 150, maxWidth: 280 }}
        aria-label={t.value}
        placeholder={t.value}
        value={chosen === undefined || chosen === "" ? null : chosen}
        options={options}
        onChange={(value) => change({ [key]: value })}
      />
    </>
  );
}

export function codeOptions(labels: Record<string, string>, codes: readonly string[]) {
  return codes.map((value) => ({ value, label: labelOf(labels, value) }));
}
