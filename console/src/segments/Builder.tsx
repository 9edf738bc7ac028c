/** The builder: groups within groups, each with its conditions and their counts. */
import { AppstoreAddOutlined, CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Dropdown, Segmented, Skeleton } from "antd";
import { createContext, type Dispatch, useContext } from "react";
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
import { type Catalogue, fieldKey, newLeaf } from "./leaves";

interface Tools {
  catalogue: Catalogue;
  counts: Map<string, number>;
  dispatch: Dispatch<Action>;
}

const ToolsContext = createContext<Tools>({ catalogue: [], counts: new Map(), dispatch: () => {} });

export function useTools(): Tools {
  return useContext(ToolsContext);
}

interface BuilderProps {
  definition: Definition;
  counts: Map<string, number>;
  dispatch: Dispatch<Action>;
}

export function Builder({ definition, counts, dispatch }: BuilderProps) {
  const fields = $api.useQuery("get", "/api/segments/fields");
  return (
    <Answer query={fields} loading={<Skeleton active paragraph={{ rows: 5 }} />}>
      {({ groups }) => (
        <ToolsContext value={{ catalogue: groups, counts, dispatch }}>
          <NodeView node={definition.root} path={[]} />
        </ToolsContext>
      )}
    </Answer>
  );
}

function NodeView({ node, path }: { node: Node; path: Path }) {
  if (isGroup(node)) return <GroupView group={node} path={path} />;
  return <ConditionRow leaf={node} path={path} />;
}

function GroupView({ group, path }: { group: Group; path: Path }) {
  const t = useT().segments;
  const { dispatch } = useTools();
  const choices = (["and", "or", "not"] as const).map((value) => ({
    value,
    label: labelOf(t.group, value),
  }));
  return (
    <div
      style={{
        border: "1px solid var(--line)",
        borderInlineStart: `3px solid ${group.op === "not" ? "var(--camellia)" : group.op === "or" ? "var(--amber)" : "var(--tea)"}`,
        borderRadius: 10,
        padding: 12,
      }}
      className="stack"
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
          {path.length > 0 ? <Remove path={path} /> : null}
        </span>
      </div>
      {group.children.map((child, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a condition is its place in the tree
        <NodeView key={`${child.op}-${index}`} node={child} path={[...path, index]} />
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
      {t.matched(formatInt(count, language))}
    </span>
  );
}

export function Remove({ path }: { path: Path }) {
  const t = useT().segments;
  const { dispatch } = useTools();
  return (
    <Button
      type="text"
      size="small"
      icon={<CloseOutlined />}
      aria-label={t.removeCondition}
      onClick={() => dispatch({ kind: "remove", path })}
    />
  );
}

function AddButtons({ path }: { path: Path }) {
  const t = useT().segments;
  const language = useLanguage();
  const { catalogue, dispatch } = useTools();
  const fields = catalogue.flatMap((group) => group.fields);
  const items = catalogue.map((group) => ({
    key: group.key,
    type: "group" as const,
    label: language === "zh" ? group.zh : group.en,
    children: group.fields.map((field) => ({
      key: fieldKey(field),
      label: language === "zh" ? field.zh : field.en,
    })),
  }));
  return (
    <div className="row">
      <Dropdown
        trigger={["click"]}
        menu={{
          items,
          style: { maxHeight: 420, overflowY: "auto" },
          onClick: ({ key }) => {
            const field = fields.find((item) => fieldKey(item) === key);
            if (field) dispatch({ kind: "add", path, node: newLeaf(field) });
          },
        }}
      >
        <Button size="small" type="dashed" icon={<PlusOutlined />}>
          {t.addCondition}
        </Button>
      </Dropdown>
      {path.length < 4 ? (
        <Button
          size="small"
          type="text"
          icon={<AppstoreAddOutlined />}
          onClick={() => dispatch({ kind: "add", path, node: { op: "or", children: [] } })}
        >
          {t.addGroup}
        </Button>
      ) : null}
    </div>
  );
}
