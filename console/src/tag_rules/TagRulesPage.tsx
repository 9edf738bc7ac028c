/** Rules that put tags on who enters a segment and take them off who leaves. */
import { PlusOutlined } from "@ant-design/icons";
import { App, Button, Progress, type TableColumnsType, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Page } from "../kit/Page";
import { Records } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { labelOf, useT } from "../locale";
import { RuleForm } from "./RuleForm";

type Rule = Row<"/api/tag-rules">;

export default function TagRulesPage() {
  const t = useT().tagRules;
  const may = useMay();
  const [isAdding, setAdding] = useState(false);
  const list = $api.useQuery(
    "get",
    "/api/tag-rules",
    {},
    {
      refetchInterval: (query) =>
        query.state.data?.items.some((row) => row.progress !== null) ? 1500 : 10_000,
    },
  );
  const columns = useColumns();
  const add = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t.add}
    </Button>
  );
  return (
    <Page
      title={t.title}
      lead={t.lead}
      extra={may("tag:write") && may("segment:write") ? add : null}
    >
      {list.isError ? (
        <ErrorState error={list.error} onRetry={() => list.refetch()} />
      ) : (
        <Records<Rule>
          rows={list.data?.items}
          rowKey={(row) => row.id}
          columns={columns}
          card={(row) => <RuleCard row={row} />}
          empty={<EmptyState title={t.empty} hint={t.emptyHint} />}
          minWidth={900}
        />
      )}
      {isAdding ? <RuleForm onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

function useColumns(): TableColumnsType<Rule> {
  const t = useT().tagRules;
  return [
    { title: t.name, dataIndex: "name", className: "strong" },
    { title: t.segment, key: "segment", render: (_, row) => <SegmentLink row={row} /> },
    { title: t.action, key: "action", render: (_, row) => labelOf(t.actions, row.action) },
    { title: t.tag, key: "tag", render: (_, row) => <TagLink row={row} /> },
    { title: t.carriers, dataIndex: "carriers", width: 110, align: "right", className: "num" },
    { title: t.state, key: "state", width: 190, render: (_, row) => <State row={row} /> },
    { title: "", key: "do", width: 170, render: (_, row) => <Doings row={row} /> },
  ];
}

function SegmentLink({ row }: { row: Rule }) {
  return <Link to={`/segments/${row.segment_id}`}>{row.segment || `#${row.segment_id}`}</Link>;
}

function TagLink({ row }: { row: Rule }) {
  return (
    <Link to={`/customers?tag_id=${row.tag_id}`}>
      <Tag style={{ margin: 0 }}>{row.tag || `#${row.tag_id}`}</Tag>
    </Link>
  );
}

function State({ row }: { row: Rule }) {
  const t = useT().tagRules;
  if (row.pause_reason) {
    const color = row.pause_reason === "hand" ? "default" : "orange";
    return (
      <Tag color={color} style={{ whiteSpace: "normal" }}>
        {labelOf(t.reasons, row.pause_reason)}
      </Tag>
    );
  }
  if (row.progress !== null) {
    return (
      <span className="row tight">
        <span className="muted small">{t.working}</span>
        <Progress percent={Math.round(row.progress * 100)} size="small" style={{ width: 80 }} />
      </span>
    );
  }
  return <Tag color="green">{t.running}</Tag>;
}

function Doings({ row }: { row: Rule }) {
  const t = useT().tagRules;
  const may = useMay();
  const act = useAct();
  const { modal } = App.useApp();
  const params = { params: { path: { rule_id: row.id } } };
  const pause = $api.useMutation("post", "/api/tag-rules/{rule_id}/pause", act(["/api/tag-rules"]));
  const resume = $api.useMutation(
    "post",
    "/api/tag-rules/{rule_id}/resume",
    act(["/api/tag-rules"], t.resumed),
  );
  const end = $api.useMutation("delete", "/api/tag-rules/{rule_id}", act(["/api/tag-rules"]));
  if (!may("tag:write")) return null;
  const ask = () =>
    modal.confirm({ title: t.end, content: t.endAsk, onOk: () => end.mutate(params) });
  return (
    <span className="row tight">
      {row.pause_reason ? (
        <Button size="small" onClick={() => resume.mutate(params)}>
          {t.resume}
        </Button>
      ) : (
        <Button size="small" onClick={() => pause.mutate(params)}>
          {t.pause}
        </Button>
      )}
      <Button size="small" type="text" onClick={ask}>
        {t.end}
      </Button>
    </span>
  );
}

function RuleCard({ row }: { row: Rule }) {
  const t = useT().tagRules;
  return (
    <div className="stack" style={{ gap: 8 }}>
      <div className="spread">
        <span className="strong">{row.name}</span>
        <State row={row} />
      </div>
      <div className="row tight">
        <SegmentLink row={row} />
        <span className="muted small">{labelOf(t.actions, row.action)}</span>
        <TagLink row={row} />
        <span className="num muted">{row.carriers}</span>
      </div>
      <Doings row={row} />
    </div>
  );
}
