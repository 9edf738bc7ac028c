/** Reading or changing one step. */
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Drawer, Dropdown, Form, Input } from "antd";
import { labelOf, useT } from "../locale";
import { useConditionText } from "../segments/words";
import {
  branchesOf,
  insertAfter,
  type JourneyDefinition,
  type Kind,
  removeStep,
  replaceStep,
  type StepNode,
} from "./graph";
import { StepFields } from "./StepFields";
import { kindIcon } from "./steps";

interface StepDrawerProps {
  definition: JourneyDefinition;
  chosen: string | null;
  mayEdit: boolean;
  onChange: (definition: JourneyDefinition) => void;
  onChoose: (id: string | null) => void;
}

const KINDS: Kind[] = ["send", "wait", "tag", "split", "exit"];

export function StepDrawer({ definition, chosen, mayEdit, onChange, onChoose }: StepDrawerProps) {
  const t = useT().journeys;
  const node = definition.nodes.find((item) => item.id === chosen);
  return (
    <Drawer
      title={node ? `${labelOf(t.kinds, node.kind)} · ${t.editStep}` : ""}
      open={node !== undefined}
      onClose={() => onChoose(null)}
      size={440}
      destroyOnHidden
    >
      {node ? (
        <div className="stack">
          <StepForm
            key={node.id}
            node={node}
            mayEdit={mayEdit}
            onApply={(changed) => {
              onChange(replaceStep(definition, changed));
              onChoose(null);
            }}
          />
          {mayEdit ? (
            <Around definition={definition} node={node} onChange={onChange} onChoose={onChoose} />
          ) : null}
        </div>
      ) : null}
    </Drawer>
  );
}

interface StepFormProps {
  node: StepNode;
  mayEdit: boolean;
  onApply: (node: StepNode) => void;
}

function StepForm({ node, mayEdit, onApply }: StepFormProps) {
  const t = useT().journeys;
  const condition = useConditionText();
  const [form] = Form.useForm<Partial<StepNode>>();
  return (
    <Form
      form={form}
      layout="vertical"
      disabled={!mayEdit}
      initialValues={node}
      onFinish={(values) => onApply({ ...node, ...values })}
    >
      {node.kind === "split" ? (
        <Form.Item label={t.condition} extra={t.conditionHint}>
          <Input.TextArea readOnly autoSize value={condition(node.condition)} />
        </Form.Item>
      ) : (
        <StepFields node={node} />
      )}
      {mayEdit && node.kind !== "split" && node.kind !== "exit" ? (
        <Button type="primary" htmlType="submit">
          {t.apply}
        </Button>
      ) : null}
    </Form>
  );
}

type AroundProps = Omit<StepDrawerProps, "chosen" | "mayEdit"> & { node: StepNode };

function Around({ definition, node, onChange, onChoose }: AroundProps) {
  const t = useT().journeys;
  const add = (branch: "next" | "yes" | "no", kind: Kind) => {
    const made = insertAfter(definition, { id: node.id, branch }, kind);
    onChange(made.definition);
    onChoose(made.id);
  };
  return (
    <div className="row" style={{ borderTop: "1px solid var(--line)", paddingTop: 16 }}>
      {branchesOf(node).map((branch) => (
        <Dropdown
          key={branch}
          trigger={["click"]}
          menu={{
            items: KINDS.map((kind) => ({
              key: kind,
              icon: kindIcon(kind),
              label: labelOf(t.kinds, kind),
            })),
            onClick: ({ key }) => add(branch, key as Kind),
          }}
        >
          <Button icon={<PlusOutlined />}>
            {branch === "next" ? t.addAfter : `${t.addAfter} · ${branch === "yes" ? t.yes : t.no}`}
          </Button>
        </Dropdown>
      ))}
      <Button
        danger
        type="text"
        icon={<DeleteOutlined />}
        onClick={() => {
          onChange(removeStep(definition, node.id));
          onChoose(null);
        }}
      >
        {t.removeStep}
      </Button>
    </div>
  );
}
