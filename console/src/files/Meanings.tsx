/** Confirming what each column means, with cells of the file beside it. */
import { Alert, Input, Select, Table } from "antd";
import type { Got } from "../api/client";
import { useT } from "../locale";
import { useCount } from "./counts";
import { type Column, choicesOf } from "./meanings";

export type FileLook = Got<"/api/imports/{run_id}/file">;

/** The order of a date's parts; empty = to be found out from the cells. */
export type DateOrder = NonNullable<FileLook["mapping"]["date_order"]> | "";

export interface Draft {
  chosen: Record<string, string>;
  source: string;
  event: string;
  tag: string;
  date_order: DateOrder;
}

interface MeaningsProps {
  kind: string;
  look: FileLook;
  draft: Draft;
  onChange: (draft: Draft) => void;
}

export function Meanings({ kind, look, draft, onChange }: MeaningsProps) {
  const t = useT().files.imports;
  const count = useCount();
  const how = Object.entries(look.how).map(([key, value]) => `${key} ${value}`);
  return (
    <div className="stack">
      <div className="muted">
        {t.how} {how.join(" · ")} · {t.about(count(look.total))}
      </div>
      {look.is_saved ? <Alert type="info" showIcon title={t.savedMapping} /> : null}
      <Columns kind={kind} look={look} draft={draft} onChange={onChange} />
      <Extras kind={kind} draft={draft} onChange={onChange} />
    </div>
  );
}

function Columns({ kind, look, draft, onChange }: MeaningsProps) {
  const t = useT().files.imports;
  const choose = (name: string, field: string) =>
    onChange({ ...draft, chosen: { ...draft.chosen, [name]: field } });
  return (
    <Table<Column>
      size="small"
      rowKey="name"
      dataSource={look.columns}
      pagination={false}
      scroll={{ x: 560, y: 420 }}
      columns={[
        { title: t.column, dataIndex: "name", width: 150 },
        {
          title: t.samples,
          dataIndex: "samples",
          className: "muted",
          render: (samples: string[]) => samples.filter(Boolean).slice(0, 3).join(" | ") || "—",
        },
        {
          title: t.meaning,
          width: 220,
          render: (_, column) => (
            <Select
              aria-label={`${t.meaning} ${column.name}`}
              style={{ width: "100%" }}
              showSearch={{ optionFilterProp: "label" }}
              value={draft.chosen[column.name] ?? ""}
              options={choicesOf(kind, column, look.fields, t)}
              onChange={(field) => choose(column.name, field)}
            />
          ),
        },
      ]}
    />
  );
}

function Extras({ kind, draft, onChange }: Omit<MeaningsProps, "look">) {
  const t = useT().files.imports;
  const text = (key: "source" | "event" | "tag", label: string, hint: string) => (
    <div className="stack" style={{ gap: 4, flex: "1 1 220px" }}>
      <span>{label}</span>
      <Input
        aria-label={label}
        value={draft[key]}
        maxLength={64}
        onChange={(event) => onChange({ ...draft, [key]: event.target.value })}
      />
      <span className="muted small">{hint}</span>
    </div>
  );
  return (
    <div className="row" style={{ alignItems: "flex-start", gap: 16 }}>
      {text("source", t.source, t.sourceHint)}
      {kind === "events" ? text("event", t.event, t.eventHint) : null}
      {kind === "tags" ? text("tag", t.tag, t.tagHint) : null}
      <div className="stack" style={{ gap: 4, flex: "0 1 160px" }}>
        <span>{t.dateOrder}</span>
        <Select
          aria-label={t.dateOrder}
          value={draft.date_order}
          options={(Object.keys(t.dateOrders) as DateOrder[]).map((value) => ({
            value,
            label: t.dateOrders[value],
          }))}
          onChange={(date_order) => onChange({ ...draft, date_order })}
        />
      </div>
    </div>
  );
}
