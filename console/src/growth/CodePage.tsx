/** One code: figures, pictures, sheets to print, what was changed. */
import { CopyOutlined, DeleteOutlined, EditOutlined, LinkOutlined } from "@ant-design/icons";
import { Alert, App, Button, Card, InputNumber, Segmented, Select } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { $api } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Page } from "../kit/Page";
import { Answer } from "../kit/States";
import { TagList } from "../kit/Values";
import { useT } from "../locale";
import { ChangeLog } from "./ChangeLog";
import { Figures, type LiveCode, OnDuty, QrImage } from "./CodeCard";
import { CodeFigures } from "./CodeFigures";
import { CodeForm, type CodeFormFor } from "./CodeForm";
import "./growth.css";
import { optionsOf } from "./PlanFields";

export default function CodePage() {
  const { id = "0" } = useParams();
  const code_id = Number(id);
  const code = $api.useQuery("get", "/api/live-codes/{code_id}", { params: { path: { code_id } } });
  return (
    <Answer query={code} rows={10}>
      {(found) => <Whole code={found} />}
    </Answer>
  );
}

function Whole({ code }: { code: LiveCode }) {
  const t = useT().growth;
  const may = useMay();
  const [editing, setEditing] = useState<CodeFormFor>(null);
  return (
    <Page
      title={code.name}
      lead={code.group || (code.channel === code.name ? "" : code.channel)}
      extra={
        may("code:write") ? (
          <>
            <Button icon={<EditOutlined />} onClick={() => setEditing(code)}>
              {t.edit}
            </Button>
            <Button icon={<CopyOutlined />} onClick={() => setEditing({ copyOf: code })}>
              {t.copy}
            </Button>
            <Remove code={code} />
          </>
        ) : null
      }
    >
      {code.error ? (
        <Alert type={code.is_gone ? "error" : "warning"} showIcon title={code.error} />
      ) : null}
      <div className="grid cards">
        <Card>
          <div className="stack">
            <div className="row" style={{ flexWrap: "nowrap", alignItems: "flex-start", gap: 14 }}>
              <QrImage code={code} size={128} />
              <div className="stack" style={{ minWidth: 0, gap: 8 }}>
                <OnDuty code={code} />
                <TagList tags={code.tags} />
                <Links code={code} />
              </div>
            </div>
            <Figures code={code} />
          </div>
        </Card>
        <Pictures code={code} />
      </div>
      <CodeFigures ids={[code.id]} />
      <ChangeLog code={code} />
      <CodeForm code={editing} onClose={() => setEditing(null)} />
    </Page>
  );
}

function Links({ code }: { code: LiveCode }) {
  const t = useT().growth;
  const { message } = App.useApp();
  const copy = async (text: string) => {
    await navigator.clipboard.writeText(text);
    message.success(t.copied);
  };
  return (
    <div className="row tight">
      {code.kind === "link" ? (
        <Button size="small" icon={<CopyOutlined />} onClick={() => copy(code.url)}>
          {t.copyLink}
        </Button>
      ) : null}
      {code.page_path ? (
        <>
          <Button size="small" icon={<LinkOutlined />} href={code.page_path} target="_blank">
            {t.openPage}
          </Button>
          <Button
            size="small"
            icon={<CopyOutlined />}
            aria-label={t.copyPage}
            onClick={() => copy(`${location.origin}${code.page_path}`)}
          />
        </>
      ) : null}
    </div>
  );
}

function Remove({ code }: { code: LiveCode }) {
  const t = useT().growth;
  const { modal } = App.useApp();
  const navigate = useNavigate();
  const act = useAct();
  const remove = $api.useMutation(
    "delete",
    "/api/live-codes/{code_id}",
    act(["/api/live-codes"], t.deleted, () => navigate("/live-codes")),
  );
  return (
    <Button
      danger
      icon={<DeleteOutlined />}
      onClick={() =>
        modal.confirm({
          title: t.deleteCode,
          content: t.deleteHint,
          okButtonProps: { danger: true },
          okText: t.deleteCode,
          onOk: () => remove.mutate({ params: { path: { code_id: code.id } } }),
        })
      }
    >
      {t.deleteCode}
    </Button>
  );
}

function Pictures({ code }: { code: LiveCode }) {
  const t = useT().growth;
  const logos = $api.useQuery("get", "/api/materials", {
    params: { query: { kind: "image" } },
  });
  const [logo, setLogo] = useState(0);
  const [kind, setKind] = useState("card");
  const [perPage, setPerPage] = useState(8);
  const [copies, setCopies] = useState(8);
  const look = (size: number) => `size=${size}&logo=${logo}`;
  const sheet = `ids=${code.id}&kind=${kind}&per_page=${kind === "poster" ? 1 : perPage}&copies=${
    kind === "poster" ? 1 : copies
  }&logo=${logo}`;
  return (
    <Card title={t.pictures}>
      <div className="stack" style={{ gap: 12 }}>
        <Select
          aria-label={t.logo}
          value={logo}
          onChange={setLogo}
          options={[
            { value: 0, label: t.noLogo },
            ...(logos.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
          ]}
        />
        <div className="row tight">
          {Object.entries(t.sizes).map(([size, label]) => (
            <Button
              key={size}
              size="small"
              href={`/api/live-codes/${code.id}/qr.png?${look(Number(size))}`}
              download={`${code.name}-${size}.png`}
            >
              {label}
            </Button>
          ))}
          <Button
            size="small"
            href={`/api/live-codes/${code.id}/qr.svg?${look(600)}`}
            download={`${code.name}.svg`}
          >
            SVG
          </Button>
        </div>
        <div className="row tight">
          <Segmented value={kind} onChange={setKind} options={optionsOf(t.printKind)} />
          {kind === "card" ? (
            <>
              <Select
                aria-label={t.perPage}
                value={perPage}
                onChange={setPerPage}
                options={[1, 2, 4, 6, 8, 10].map((value) => ({
                  value,
                  label: `${t.perPage} ${value}`,
                }))}
                style={{ width: 130 }}
              />
              <InputNumber
                aria-label={t.copies}
                prefix={t.copies}
                min={1}
                max={400}
                value={copies}
                onChange={(value) => setCopies(value ?? 1)}
                style={{ width: 110 }}
              />
            </>
          ) : null}
          <Button type="primary" href={`/api/live-codes/sheet.html?${sheet}`} target="_blank">
            {t.openSheet}
          </Button>
        </div>
      </div>
    </Card>
  );
}
