/** What the rules refused to join: both sides, and three verdicts. */
import { Button, Card, Form, Input, Modal, Radio, Skeleton } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { Pager, useCursors } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { Time, useAccountLabel } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { useNamespaceLabel } from "./namespaces";
import { Sides } from "./Sides";

type Conflict = Row<"/api/conflicts">;
type Verdict = "merge" | "apart" | "block";

interface Asked {
  conflict: Conflict;
  verdict: Verdict;
}

export function ReviewQueue() {
  const t = useT().oneid.queue;
  const cursors = useCursors();
  const [asked, setAsked] = useState<Asked | null>(null);
  const conflicts = $api.useQuery("get", "/api/conflicts", {
    params: { query: { limit: 20, ...(cursors.cursor ? { cursor: cursors.cursor } : {}) } },
  });
  if (conflicts.isError) {
    return <ErrorState error={conflicts.error} onRetry={() => conflicts.refetch()} />;
  }
  if (!conflicts.data) return <Skeleton active paragraph={{ rows: 6 }} />;
  const { items, next_cursor } = conflicts.data;
  return (
    <div className="stack" data-testid="review-queue">
      {items.length === 0 ? (
        <Card>
          <EmptyState title={t.empty} hint={t.emptyHint} />
        </Card>
      ) : (
        items.map((conflict) => (
          <Entry
            key={conflict.id}
            conflict={conflict}
            onAsk={(verdict) => setAsked({ conflict, verdict })}
          />
        ))
      )}
      <Pager cursors={cursors} next={next_cursor} />
      <DecideDialog asked={asked} onClose={() => setAsked(null)} />
    </div>
  );
}

function Entry({ conflict, onAsk }: { conflict: Conflict; onAsk: (verdict: Verdict) => void }) {
  const words = useT();
  const t = words.oneid;
  const may = useMay();
  const account = useAccountLabel();
  const isPair = conflict.sides.length > 1;
  const told = conflict.evidence
    ? `${t.queue.told}: ${labelOf(words.pool.evidence, conflict.evidence)} · ${account(conflict.source)}`
    : "";
  return (
    <Card size="small" data-testid="conflict">
      <div className="stack" style={{ gap: 10 }}>
        <div className="spread">
          <span className="strong">{labelOf(t.kinds, conflict.kind)}</span>
          <span className="muted small">
            <Time at={conflict.at} />
          </span>
        </div>
        <Sides sides={conflict.sides} />
        {told ? <div className="muted small break">{told}</div> : null}
        <div className="row">
          {isPair ? (
            <Button type="primary" onClick={() => onAsk("merge")}>
              {t.verdicts.merge}
            </Button>
          ) : null}
          <Button onClick={() => onAsk("apart")}>{isPair ? t.verdicts.apart : t.leave}</Button>
          {may("customer:rules") ? (
            <Button danger type="text" onClick={() => onAsk("block")}>
              {t.verdicts.block}
            </Button>
          ) : null}
        </div>
      </div>
    </Card>
  );
}

function DecideDialog({ asked, onClose }: { asked: Asked | null; onClose: () => void }) {
  const words = useT();
  const t = words.oneid;
  const act = useAct();
  const label = useNamespaceLabel();
  const [form] = Form.useForm<{ reason: string; identity_id?: number }>();
  const changed = ["/api/conflicts", "/api/decisions", "/api/poison", "/api/customers"];
  const decide = $api.useMutation(
    "post",
    "/api/conflicts/{conflict_id}/decide",
    act(changed, t.decided, onClose),
  );
  if (!asked) return null;
  const { conflict, verdict } = asked;
  const isPair = conflict.sides.length > 1;
  const isLeaving = verdict === "apart" && !isPair;
  const submit = async () => {
    const values = await valuesOf(form);
    if (!values) return;
    decide.mutate({
      params: { path: { conflict_id: conflict.id } },
      body: { verdict, reason: values.reason, identity_id: values.identity_id ?? null },
    });
  };
  return (
    <Modal
      title={isLeaving ? t.leave : labelOf(t.verdicts, verdict)}
      open
      onCancel={onClose}
      onOk={submit}
      okButtonProps={{ danger: verdict === "block" }}
      confirmLoading={decide.isPending}
      destroyOnHidden
    >
      <p className="muted">{isLeaving ? t.leads.leave : t.leads[verdict]}</p>
      <Form form={form} layout="vertical" preserve={false}>
        {verdict === "block" && isPair ? (
          <Form.Item name="identity_id" label={t.which} rules={[{ required: true }]}>
            <Radio.Group
              options={conflict.sides.map((side) => ({
                value: side.identity_id,
                label: `${label(side.namespace)} ${side.value_masked}`,
              }))}
            />
          </Form.Item>
        ) : null}
        <Form.Item
          name="reason"
          label={words.kit.reason}
          rules={[{ required: true, whitespace: true }]}
        >
          <Input.TextArea rows={2} maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
