/** Moving, copying and removing a node without a mouse. */
import { CloseOutlined, MoreOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import type { KeyboardEvent } from "react";
import { useT } from "../locale";
import { type Direction, isGroup, type Node, type Path } from "./definition";
import { useTools } from "./tools";
import { fromWire, newKey } from "./wire";

const DIRECTIONS: Direction[] = ["up", "down", "in", "out"];

export function NodeMenu({ node, path }: { node: Node; path: Path }) {
  const t = useT().segments;
  const { dispatch } = useTools();
  const move = useMove(node, path);
  const items = [
    ...DIRECTIONS.filter((direction) => direction !== "out" || path.length > 1).map((key) => ({
      key,
      label: t.moves[key],
      onClick: () => move(key),
    })),
    {
      key: "copy",
      label: t.moves.copy,
      onClick: () => {
        const copy = isGroup(node) ? fromWire({ version: 1, root: node }).root : node;
        const at = (path.at(-1) ?? 0) + 1;
        const parent = path.slice(0, -1);
        dispatch({ kind: "add", path: parent, node: { ...copy, key: newKey() }, index: at });
      },
    },
    ...(isGroup(node)
      ? [
          {
            key: "dissolve",
            label: t.moves.dissolve,
            onClick: () => dispatch({ kind: "dissolve", path }),
          },
        ]
      : []),
  ];
  return (
    <Dropdown trigger={["click"]} menu={{ items }}>
      <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t.more} />
    </Dropdown>
  );
}

/** Moves a node one step and keeps the focus on it. */
export function useMove(node: Node, path: Path): (direction: Direction) => void {
  const { dispatch, setFocus } = useTools();
  return (direction) => {
    dispatch({ kind: "step", path, direction });
    if (node.key) setFocus(node.key);
  };
}

const KEYS: Record<string, Direction> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowRight: "in",
  ArrowLeft: "out",
};

/** Alt and an arrow move the node that has the focus. */
export function useMoveKeys(node: Node, path: Path): (event: KeyboardEvent) => void {
  const move = useMove(node, path);
  return (event) => {
    const direction = event.altKey ? KEYS[event.key] : undefined;
    if (!direction) return;
    event.preventDefault();
    event.stopPropagation();
    move(direction);
  };
}

export function Remove({ path, label }: { path: Path; label?: string }) {
  const t = useT().segments;
  const { dispatch } = useTools();
  return (
    <Button
      type="text"
      size="small"
      icon={<CloseOutlined />}
      aria-label={label ?? t.removeCondition}
      onClick={() => dispatch({ kind: "remove", path })}
    />
  );
}
