/** The evidence as a list: source, time, and a way to take it back. */
import { Button, Form, Input, Modal, Tag } from "antd";
import { useState } from "react";
import { $api, type Got } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { Time, useAccountLabel } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { useNamespaceLabel } from "./namespaces";
import type { Edge } from "./Why";

interface WhyEdgesProps {
  graph: Got<"/api/customers/{customer_id}/why">;
  chosen: number | null;
  onChoose: (id: number) => void;
}

export function WhyEdges({ graph, chosen, onChoose }: WhyEdgesProps) {
  const label = useNamespaceLabel();
  const [retracting, setRetracting] = useState<Edge | null>(null);
  const names = new Map(graph.nodes.map((node) => [node.id, label(node.namespace)]));
  return (
    <div className="records">
      {graph.edges.map((edge) => (
        <EdgeRow
          key={edge.id}
          edge={edge}
          ends={`${names.get(edge.a) ?? "?"} — ${names.get(edge.b) ?? "?"}`}
          isChosen={edge.id === chosen}
          onChoose={() => onChoose(edge.id)}
          onRetract={() => setRetracting(edge)}
        />
      ))}
      <RetractDialog edge={retracting} onClose={() => setRetracting(null)} />
    </div>
  );
}

interface EdgeRowProps {
  edge: Edge;
  ends: string;
  isChosen: boolean;
  onChoose: () => void;
  onRetract: () => void;
}

function EdgeRow({ edge, ends, isChosen, onChoose, onRetract }: EdgeRowProps) {
  const t = useT();
  const may = useMay();
  const account = useAccountLabel();
  const isJoined = edge.state === "joined";
  return (
    <div
      className="record"
      style={{ padding: "10px 14px", borderColor: isChosen ? "var(--tea)" : "var(--line)" }}
    >
      <div className="spread">
        <button
          type="button"
          className="strong clip"
          style={{
            border: 0,
            background: "none",
            padding: 0,
            color: "inherit",
            cursor: "pointer",
            font: "inherit",
            fontWeight: 600,
          }}
          onClick={onChoose}
        >
          {ends}
        </button>
        <Tag color={isJoined ? "success" : "error"} style={{ margin: 0 }}>
          {labelOf(t.pool.why.states, edge.state)}
        </Tag>
      </div>
      <div className="spread" style={{ marginTop: 4 }}>
        <span className="muted small break">
          {labelOf(t.pool.evidence, edge.evidence)} · {account(edge.source)} · <Time at={edge.at} />
          {edge.reason ? ` · ${labelOf(t.pool.reasons, edge.reason)}` : ""}
        </span>
        {isJoined && may("customer:merge") ? (
          <Button size="small" type="text" danger onClick={onRetract}>
            {t.pool.why.retract}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function RetractDialog({ edge, onClose }: { edge: Edge | null; onClose: () => void }) {
  const t = useT();
  const act = useAct();
  const [form] = Form.useForm<{ reason: string }>();
  const retract = $api.useMutation(
    "post",
    "/api/edges/{edge_id}/retract",
    act(["/api/customers"], t.pool.why.retracted, onClose),
  );
  const submit = async () => {
    const body = await valuesOf(form);
    if (edge && body) retract.mutate({ params: { path: { edge_id: edge.id } }, body });
  };
  return (
    <Modal
      title={t.pool.why.retract}
      open={edge !== null}
      onCancel={onClose}
      onOk={submit}
      okButtonProps={{ danger: true }}
      confirmLoading={retract.isPending}
      destroyOnHidden
    >
      <p className="muted">{t.pool.why.retractLead}</p>
      <Form form={form} layout="vertical" preserve={false}>
        <Form.Item name="reason" label={t.kit.reason} rules={[{ required: true }]}>
          <Input.TextArea rows={2} maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
