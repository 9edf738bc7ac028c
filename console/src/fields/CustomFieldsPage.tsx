/** The custom fields of the brand. */
import { PlusOutlined } from "@ant-design/icons";
import { App, Button, Progress, type TableColumnsType, Tag, Tooltip } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Page } from "../kit/Page";
import { Records } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { labelOf, useT } from "../locale";
import { FieldForm } from "./FieldForm";
import { useFieldName } from "./value";

export type FieldRow = Row<"/api/custom-fields">;

export default function CustomFieldsPage() {
  const t = useT().fields;
  const may = useMay();
  const [edited, setEdited] = useState<FieldRow["field"] | "new" | null>(null);
  const list = $api.useQuery(
    "get",
    "/api/custom-fields",
    {},
    {
      refetchInterval: (query) =>
        query.state.data?.items.some((row) => row.progress !== null) ? 1500 : false,
    },
  );
  const columns = useColumns(setEdited);
  const add = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setEdited("new")}>
      {t.add}
    </Button>
  );
  return (
    <Page title={t.title} lead={t.lead} extra={may("field:write") ? add : null}>
      {list.isError ? (
        <ErrorState error={list.error} onRetry={() => list.refetch()} />
      ) : (
        <Records<FieldRow>
          rows={list.data?.items}
          rowKey={(row) => row.field.id}
          columns={columns}
          card={(row) => <FieldCard row={row} onEdit={setEdited} />}
          empty={<EmptyState title={t.empty} hint={t.emptyHint} />}
          minWidth={860}
        />
      )}
      <FieldForm
        key={edited === null || edited === "new" ? "new" : edited.id}
        field={edited}
        onClose={() => setEdited(null)}
      />
    </Page>
  );
}

type OnEdit = (field: FieldRow["field"]) => void;

function useColumns(onEdit: OnEdit): TableColumnsType<FieldRow> {
  const t = useT().fields;
  return [
    { title: t.name, key: "name", render: (_, row) => <Name row={row} /> },
    {
      title: t.type,
      key: "type",
      width: 110,
      render: (_, row) => labelOf(t.types, row.field.type),
    },
    {
      title: t.rule,
      key: "rule",
      width: 210,
      render: (_, row) => <Rule row={row} />,
    },
    { title: t.filled, dataIndex: "filled", width: 110, align: "right", className: "num" },
    {
      title: <Tooltip title={t.rejectedHint}>{t.rejected}</Tooltip>,
      dataIndex: "rejected",
      width: 100,
      align: "right",
      className: "num",
    },
    {
      title: "",
      key: "do",
      width: 150,
      align: "right",
      render: (_, row) => <Doings row={row} onEdit={onEdit} />,
    },
  ];
}

function Name({ row }: { row: FieldRow }) {
  const t = useT().fields;
  const name = useFieldName();
  return (
    <div style={{ minWidth: 0 }}>
      <span className="row tight">
        <span className={row.field.is_archived ? "muted" : "strong"}>{name(row.field)}</span>
        {row.field.is_personal ? <Tag color="orange">{t.personal}</Tag> : null}
        {row.field.is_archived ? <Tag>{t.archived}</Tag> : null}
      </span>
      <div className="muted small">
        <span className="mono">{row.field.key}</span>
        {row.field.description ? ` · ${row.field.description}` : ""}
      </div>
    </div>
  );
}

function Rule({ row }: { row: FieldRow }) {
  const t = useT().fields;
  if (row.progress !== null) {
    return (
      <span className="row tight">
        <span className="muted small">{t.working}</span>
        <Progress percent={Math.round(row.progress * 100)} size="small" style={{ width: 110 }} />
      </span>
    );
  }
  return <>{labelOf(t.rules, row.field.rule)}</>;
}

function Doings({ row, onEdit }: { row: FieldRow; onEdit: OnEdit }) {
  const t = useT();
  const may = useMay();
  const act = useAct();
  const { modal } = App.useApp();
  const archive = $api.useMutation(
    "post",
    "/api/custom-fields/{field_id}/archive",
    act(["/api/custom-fields", "/api/customers"]),
  );
  if (!may("field:write")) return null;
  const send = (is_archived: boolean) =>
    archive.mutate({ params: { path: { field_id: row.field.id } }, body: { is_archived } });
  const ask = () =>
    modal.confirm({
      title: `${t.fields.archive} “${row.field.zh}”`,
      content: t.fields.archiveAsk,
      onOk: () => send(true),
    });
  return (
    <span className="row tight" style={{ justifyContent: "flex-end" }}>
      {row.field.is_archived ? (
        <Button size="small" onClick={() => send(false)}>
          {t.fields.restore}
        </Button>
      ) : (
        <>
          <Button size="small" onClick={() => onEdit(row.field)}>
            {t.kit.edit}
          </Button>
          <Button size="small" type="text" onClick={ask}>
            {t.fields.archive}
          </Button>
        </>
      )}
    </span>
  );
}

function FieldCard({ row, onEdit }: { row: FieldRow; onEdit: OnEdit }) {
  const t = useT().fields;
  return (
    <div className="stack" style={{ gap: 8 }}>
      <div className="spread">
        <Name row={row} />
        <span className="muted">{labelOf(t.types, row.field.type)}</span>
      </div>
      <div className="spread muted small">
        <Rule row={row} />
        <span className="num">
          {t.filled} {row.filled} · {t.rejected} {row.rejected}
        </span>
      </div>
      <Doings row={row} onEdit={onEdit} />
    </div>
  );
}
