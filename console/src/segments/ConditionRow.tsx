/** One condition: its field, comparison and value, moved by drag, menu or keyboard. */
import { HolderOutlined } from "@ant-design/icons";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { useLanguage, useT } from "../locale";
import { Count } from "./Builder";
import { Controls } from "./Controls";
import type { Leaf, Path } from "./definition";
import { type Field, fieldOf, nameOfField } from "./leaves";
import { NodeMenu, Remove, useMoveKeys } from "./NodeMenu";
import { leafSentence } from "./sentence";
import { useTools } from "./tools";
import { useTeller } from "./words";

interface ConditionProps {
  leaf: Leaf;
  path: Path;
}

const WITH_GROUP = ["order", "event", "touch"];

export function ConditionRow({ leaf, path }: ConditionProps) {
  const { catalogue, dispatch, focus } = useTools();
  const language = useLanguage();
  const teller = useTeller();
  const box = useRef<HTMLDivElement>(null);
  const onKeyDown = useMoveKeys(leaf, path);
  const drag = useDrag(path);
  const field = fieldOf(catalogue, leaf);
  const isFocused = focus !== null && focus.key === leaf.key;
  useEffect(() => {
    if (focus && isFocused) box.current?.focus();
  }, [focus, isFocused]);
  const change = (part: Partial<Leaf>) =>
    dispatch({ kind: "replace", path, node: { ...leaf, ...part } });
  const group = WITH_GROUP.includes(leaf.op)
    ? catalogue.find((item) => item.fields.some((one) => one.op === leaf.op))
    : undefined;
  const label = [group, field].flatMap((item) => (item ? [nameOfField(item, language)] : []));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a grid everywhere
    <div
      ref={box}
      role="group"
      tabIndex={-1}
      aria-label={leafSentence(leaf, teller)}
      className={`condition ${drag.className}`}
      data-testid="condition"
      onKeyDown={onKeyDown}
      {...drag.target}
    >
      <span className="label strong">
        <Handle path={path} />
        {label.join(" · ") || leaf.op}
      </span>
      <div className="controls row">
        <Controls leaf={leaf} field={field} change={change} />
      </div>
      <span className="side row tight" style={{ flexWrap: "nowrap" }}>
        <Count path={path} />
        <NodeMenu node={leaf} path={path} />
        <Remove path={path} />
      </span>
      <Missing leaf={leaf} field={field} />
    </div>
  );
}

function Handle({ path }: { path: Path }) {
  const t = useT().segments;
  const { setDragged } = useTools();
  return (
    <HolderOutlined
      className="drag"
      draggable
      title={t.drag}
      onDragStart={(event: DragEvent) => {
        event.dataTransfer.setData("text/plain", "condition");
        event.dataTransfer.effectAllowed = "move";
        setDragged(path);
      }}
      onDragEnd={() => setDragged(null)}
    />
  );
}

/** Dropping on the upper half puts the dragged node before this one, on the lower half after. */
function useDrag(path: Path) {
  const { dispatch, dragged, setDragged } = useTools();
  const [side, setSide] = useState<"before" | "after" | null>(null);
  const sideOf = (event: DragEvent<HTMLElement>) => {
    const { top, height } = event.currentTarget.getBoundingClientRect();
    return event.clientY < top + height / 2 ? "before" : "after";
  };
  const target = {
    onDragOver: (event: DragEvent<HTMLElement>) => {
      if (!dragged) return;
      event.preventDefault();
      event.stopPropagation();
      setSide(sideOf(event));
    },
    onDragLeave: () => setSide(null),
    onDrop: (event: DragEvent<HTMLElement>) => {
      event.preventDefault();
      event.stopPropagation();
      const index = (path.at(-1) ?? 0) + (sideOf(event) === "after" ? 1 : 0);
      if (dragged) dispatch({ kind: "move", from: dragged, parent: path.slice(0, -1), index });
      setDragged(null);
      setSide(null);
    },
  };
  return { target, className: dragged && side ? `drop-${side}` : "" };
}

const COUNTING_NOBODY = ["ne", "not_in", "not_contains"];

/** What becomes of customers who have no value. */
function Missing({ leaf, field }: { leaf: Leaf; field: Field | undefined }) {
  const t = useT().segments.missing;
  if (leaf.cmp === undefined || !field?.missing) return null;
  if (leaf.cmp === "exists" && leaf.value !== false) return null;
  const text =
    field.missing === "never"
      ? t.never
      : leaf.cmp === "exists"
        ? t.lacks
        : COUNTING_NOBODY.includes(leaf.cmp)
          ? t.counts
          : t.fails;
  return <span className="foot muted small">{text}</span>;
}
