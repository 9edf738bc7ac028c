/** Live codes: entrances to the pool. */
import { DownloadOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Card, Switch } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { formatInt } from "../kit/format";
import { Page } from "../kit/Page";
import { Answer, EmptyState } from "../kit/States";
import { Platform, TagList } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { CodeForm } from "./CodeForm";

export type LiveCode = Row<"/api/live-codes">;

export default function LiveCodesPage() {
  const t = useT().growth;
  const may = useMay();
  const codes = $api.useQuery("get", "/api/live-codes", {}, { refetchInterval: 15_000 });
  const [editing, setEditing] = useState<LiveCode | "new" | null>(null);
  const add = may("code:write") ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing("new")}>
      {t.add}
    </Button>
  ) : null;
  return (
    <Page title={t.title} lead={t.lead} extra={add}>
      <Answer query={codes} rows={8}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <EmptyState title={t.empty} hint={t.emptyHint} action={add} />
            </Card>
          ) : (
            <div className="grid cards">
              {items.map((code) => (
                <CodeCard key={code.id} code={code} onEdit={() => setEditing(code)} />
              ))}
            </div>
          )
        }
      </Answer>
      <CodeForm code={editing} onClose={() => setEditing(null)} />
    </Page>
  );
}

function CodeCard({ code, onEdit }: { code: LiveCode; onEdit: () => void }) {
  const t = useT().growth;
  const may = useMay();
  const act = useAct();
  const change = $api.useMutation("patch", "/api/live-codes/{code_id}", act(["/api/live-codes"]));
  const toggle = (is_active: boolean) =>
    change.mutate({ params: { path: { code_id: code.id } }, body: { is_active } });
  return (
    <Card style={{ opacity: code.is_active ? 1 : 0.65 }}>
      <div className="stack" style={{ gap: 14 }}>
        <div className="row" style={{ flexWrap: "nowrap", alignItems: "flex-start", gap: 14 }}>
          <img
            src={`/api/live-codes/${code.id}/qr.svg`}
            alt={code.name}
            width={96}
            height={96}
            style={{
              background: "#fff",
              borderRadius: 8,
              padding: 4,
              flex: "none",
              border: "1px solid var(--line)",
            }}
          />
          <div style={{ minWidth: 0, flex: 1 }} className="stack">
            <div>
              <div className="strong break">{code.name}</div>
              <div className="muted small">
                <Platform code={code.platform} />
              </div>
            </div>
            <TagList tags={code.tags} limit={4} />
          </div>
        </div>
        <Figures code={code} />
        <div className="muted small break">{code.welcome_text || code.staff.join("、")}</div>
        <div className="row">
          <Button
            size="small"
            icon={<DownloadOutlined />}
            href={`/api/live-codes/${code.id}/qr.png`}
            download={`${code.name}.png`}
          >
            {t.download}
          </Button>
          {may("code:write") ? (
            <>
              <Button size="small" icon={<EditOutlined />} aria-label={t.edit} onClick={onEdit} />
              <span style={{ marginInlineStart: "auto" }}>
                <Switch
                  size="small"
                  aria-label={t.active}
                  checked={code.is_active}
                  loading={change.isPending}
                  onChange={toggle}
                />
              </span>
            </>
          ) : null}
        </div>
      </div>
    </Card>
  );
}

function Figures({ code }: { code: LiveCode }) {
  const t = useT().growth;
  const language = useLanguage();
  const figures: [label: string, value: number, className: string][] = [
    [t.added, code.added, ""],
    [t.today, code.added_today, "up"],
    [t.lost, code.lost, "down"],
  ];
  return (
    <div
      className="row"
      style={{ gap: 0, background: "var(--soft)", borderRadius: 10, padding: "10px 0" }}
    >
      {figures.map(([label, value, className]) => (
        <div key={label} style={{ flex: 1, textAlign: "center" }}>
          <div className={`strong num ${value > 0 ? className : ""}`} style={{ fontSize: 18 }}>
            {formatInt(value, language)}
          </div>
          <div className="muted small">{label}</div>
        </div>
      ))}
    </div>
  );
}
