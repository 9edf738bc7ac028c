/** One code in the list. */
import { BarChartOutlined, CopyOutlined, DownloadOutlined, EditOutlined } from "@ant-design/icons";
import { Alert, Button, Card, Checkbox, Switch, Tag } from "antd";
import { Link } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { formatInt } from "../kit/format";
import { Platform, TagList } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { useChoices } from "./choices";

export type LiveCode = Row<"/api/live-codes">;

interface CodeCardProps {
  code: LiveCode;
  isChosen: boolean;
  onChoose: (isChosen: boolean) => void;
  onEdit: () => void;
  onCopy: () => void;
}

export function CodeCard({ code, isChosen, onChoose, onEdit, onCopy }: CodeCardProps) {
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
          <QrImage code={code} size={96} />
          <div style={{ minWidth: 0, flex: 1 }} className="stack">
            <div className="spread" style={{ alignItems: "flex-start", flexWrap: "nowrap" }}>
              <div style={{ minWidth: 0 }}>
                <Link to={`/live-codes/${code.id}`} className="strong break">
                  {code.name}
                </Link>
                <div className="muted small">{code.group || <Platform code={code.platform} />}</div>
              </div>
              {may("code:write") ? (
                <Checkbox
                  aria-label={`${t.select} ${code.name}`}
                  checked={isChosen}
                  onChange={(event) => onChoose(event.target.checked)}
                />
              ) : null}
            </div>
            <TagList tags={code.tags} limit={3} />
          </div>
        </div>
        <Figures code={code} />
        <OnDuty code={code} />
        {code.error ? (
          <Alert type={code.is_gone ? "error" : "warning"} showIcon title={code.error} />
        ) : null}
        <div className="row">
          <Link to={`/live-codes/${code.id}`}>
            <Button size="small" icon={<BarChartOutlined />}>
              {t.detail}
            </Button>
          </Link>
          <Button
            size="small"
            icon={<DownloadOutlined />}
            aria-label={t.download}
            href={`/api/live-codes/${code.id}/qr.png`}
            download={`${code.name}.png`}
          />
          {may("code:write") ? (
            <>
              <Button size="small" icon={<EditOutlined />} aria-label={t.edit} onClick={onEdit} />
              <Button size="small" icon={<CopyOutlined />} aria-label={t.copy} onClick={onCopy} />
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

export function QrImage({ code, size }: { code: LiveCode; size: number }) {
  return (
    <img
      src={code.qr_url}
      alt={code.name}
      width={size}
      height={size}
      style={{
        background: "#fff",
        borderRadius: 8,
        padding: 4,
        flex: "none",
        border: "1px solid var(--line)",
      }}
    />
  );
}

export function OnDuty({ code }: { code: LiveCode }) {
  const t = useT().growth;
  const { nameOf } = useChoices(code.account);
  const names = code.on_duty.map(nameOf);
  const shown = names.slice(0, 4).join("、") || t.unattended;
  return (
    <div className="muted small break">
      {t.onDuty}：{shown}
      {names.length > 4 ? ` +${names.length - 4}` : ""}{" "}
      <Tag style={{ marginInlineStart: 4 }}>{code.is_accepting ? t.accepting : t.asking}</Tag>
    </div>
  );
}

export function Figures({ code }: { code: LiveCode }) {
  const t = useT().growth;
  const language = useLanguage();
  const figures: [label: string, value: number, className: string][] = [
    [t.added, code.added, ""],
    [t.today, code.added_today, "up"],
    [t.lost, code.lost, "down"],
    [t.spoke, code.spoke, ""],
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
