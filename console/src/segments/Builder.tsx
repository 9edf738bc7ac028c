/** The builder: groups within groups, each with its conditions and their counts. */
import { AppstoreAddOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Segmented, Skeleton } from "antd";
import { type Dispatch, type DragEvent, useMemo, useState } from "react";
import { $api } from "../api/client";
import { formatInt } from "../kit/format";
import { Answer } from "../kit/States";
import { labelOf, useLanguage, useT } from "../locale";
import { ConditionRow } from "./ConditionRow";
import {
  type Action,
  type Definition,
  type Group,
  type GroupOp,
  isGroup,
  type Node,
  type Path,
  pathKey,
} from "./definition";
import { type Catalogue, newLeaf } from "./leaves";
import { NodeMenu, Remove } from "./NodeMenu";
import { Picker } from "./Picker";
import type { NodeCount } from "./preview";
import "./segments.css";
import { ToolsContext, useTools } from "./tools";
import { newKey } from "./wire";

interface BuilderProps {
  definition: Definition;
  counts: Map<string, NodeCount>;
  dispatch: Dispatch<Action>;
}

export function Builder(props: BuilderProps) {
  const fields = $api.useQuery("get", "/api/segments/fields", {}, { staleTime: 60_000 });
  return (
    <Answer query={fields} loading={<Skeleton active paragraph={{ rows: 5 }} />}>
      {({ groups }) => <Ready {...props} catalogue={groups} />}
    </Answer>
  );
}

function Ready({
  definition,
  counts,
  dispatch,
  catalogue,
}: BuilderProps & { catalogue: Catalogue }) {
  const t = useT().segments;
  const [focus, setFocusKey] = useState<{ key: string } | null>(null);
  const [dragged, setDragged] = useState<Path | null>(null);
  const tools = useMemo(
    () => ({
      catalogue,
      counts,
      dispatch,
      focus,
      setFocus: (key: string) => setFocusKey({ key }),
      dragged,
      setDragged,
    }),
    [catalogue, counts, dispatch, focus, dragged],
  );
  return (
    <ToolsContext value={tools}>
      <NodeView node={definition.root} path={[]} />
      <div className="muted small">{t.moveKeys}</div>
    </ToolsContext>
  );
}

function NodeView({ node, path }: { node: Node; path: Path }) {
  if (isGroup(node)) return <GroupView group={node} path={path} />;
  return <ConditionRow leaf={node} path={path} />;
}

const EDGES: Record<GroupOp, string> = {
  and: "var(--tea)",
  or: "var(--amber)",
  not: "var(--camellia)",
};

function GroupView({ group, path }: { group: Group; path: Path }) {
  const t = useT().segments;
  const { dispatch, dragged, setDragged } = useTools();
  const [isOver, setOver] = useState(false);
  const choices = (["and", "or", "not"] as const).map((value) => ({
    value,
    label: labelOf(t.group, value),
  }));
  const drop = {
    onDragOver: (event: DragEvent) => {
      if (!dragged) return;
      event.preventDefault();
      event.stopPropagation();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      event.stopPropagation();
      setOver(false);
      if (dragged) dispatch({ kind: "move", from: dragged, parent: path });
      setDragged(null);
    },
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a flex box everywhere
    <div
      role="group"
      aria-label={labelOf(t.group, group.op)}
      data-testid="condition-group"
      className={`condition-group${isOver ? " drop-in" : ""}`}
      style={{ borderInlineStartColor: EDGES[group.op] }}
      {...drop}
    >
      <div className="spread">
        <Segmented<GroupOp>
          size="small"
          options={choices}
          value={group.op}
          onChange={(op) => dispatch({ kind: "replace", path, node: { ...group, op } })}
        />
        <span className="row tight">
          <Count path={path} />
          {path.length > 0 ? <NodeMenu node={group} path={path} /> : null}
          {path.length > 0 ? <Remove path={path} label={t.removeGroup} /> : null}
        </span>
      </div>
      {group.children.length === 0 ? <div className="muted small">{t.emptyGroup}</div> : null}
      {group.children.map((child, index) => (
        <NodeView key={child.key ?? `${child.op}-${index}`} node={child} path={[...path, index]} />
      ))}
      <AddButtons path={path} />
    </div>
  );
}

export function Count({ path }: { path: Path }) {
  const t = useT().segments;
  const language = useLanguage();
  const count = useTools().counts.get(pathKey(path));
  if (count === undefined) return null;
  return (
    <span className="muted small num" style={{ whiteSpace: "nowrap" }}>
      {t.matched(formatInt(count.count, language))}
    </span>
  );
}

const MAX_LEVEL = 18;

function AddButtons({ path }: { path: Path }) {
  const t = useT().segments;
  const { catalogue, dispatch, setFocus } = useTools();
  const [isPicking, setPicking] = useState(false);
  const add = (node: Node) => {
    const key = newKey();
    dispatch({ kind: "add", path, node: { ...node, key } });
    setFocus(key);
  };
  return (
    <div className="row">
      <Button size="small" type="dashed" icon={<PlusOutlined />} onClick={() => setPicking(true)}>
        {t.addCondition}
      </Button>
      {path.length < MAX_LEVEL ? (
        <Button
          size="small"
          type="text"
          icon={<AppstoreAddOutlined />}
          onClick={() => add({ op: path.length % 2 === 0 ? "or" : "and", children: [] })}
        >
          {t.addGroup}
        </Button>
      ) : null}
      <Picker
        catalogue={catalogue}
        isOpen={isPicking}
        onClose={() => setPicking(false)}
        onPick={(field) => add(newLeaf(field))}
      />
    </div>
  );
}
