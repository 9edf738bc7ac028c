/** Exports of everything: ask for one, download its files. */
import { DeleteOutlined, DownloadOutlined } from "@ant-design/icons";
import { App, Button, Card, Checkbox, Radio, Table, Tag } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Page } from "../kit/Page";
import { Answer, EmptyState } from "../kit/States";
import { Time } from "../kit/Values";
import { useT } from "../locale";
import { formatBytes, useCount } from "./counts";

type ExportRow = Row<"/api/exports">;

const OPEN = new Set(["queued", "running"]);

export default function ExportsPage() {
  const t = useT().files.exports;
  const exports = $api.useQuery(
    "get",
    "/api/exports",
    {},
    {
      refetchInterval: ({ state }) =>
        state.data?.items.some((row) => OPEN.has(row.state)) ? 1500 : false,
    },
  );
  return (
    <Page title={t.title} lead={t.lead}>
      <Create />
      <Answer query={exports}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <EmptyState title={t.empty} hint={t.emptyHint} />
            </Card>
          ) : (
            items.map((row) => <One key={row.id} row={row} />)
          )
        }
      </Answer>
    </Page>
  );
}

function Create() {
  const t = useT().files.exports;
  const may = useMay();
  const act = useAct();
  const [isPersonal, setPersonal] = useState(false);
  const [hasCsv, setCsv] = useState(false);
  const create = $api.useMutation("post", "/api/exports", act(["/api/exports"], t.queued));
  return (
    <Card>
      <div className="stack">
        <Radio.Group
          value={isPersonal}
          onChange={(event) => setPersonal(event.target.value)}
          options={[
            { value: false, label: t.plain },
            { value: true, label: t.personal, disabled: !may("customer:reveal") },
          ]}
        />
        <div className="muted small">{isPersonal ? t.personalHint : t.plainHint}</div>
        <Checkbox checked={hasCsv} onChange={(event) => setCsv(event.target.checked)}>
          {t.csv}
        </Checkbox>
        <div>
          <Button
            type="primary"
            loading={create.isPending}
            onClick={() => create.mutate({ body: { is_personal: isPersonal, has_csv: hasCsv } })}
          >
            {t.create}
          </Button>
        </div>
      </div>
    </Card>
  );
}

function One({ row }: { row: ExportRow }) {
  const t = useT().files.exports;
  const act = useAct();
  const { modal } = App.useApp();
  const remove = $api.useMutation("delete", "/api/exports/{run_id}", act(["/api/exports"]));
  const ask = () =>
    modal.confirm({
      title: t.remove,
      content: t.removeAsk,
      okButtonProps: { danger: true },
      onOk: () => remove.mutate({ params: { path: { run_id: row.id } } }),
    });
  return (
    <Card
      size="small"
      title={
        <span className="row">
          <Tag color={row.state === "done" ? "green" : row.state === "failed" ? "red" : "blue"}>
            {t.states[row.state] ?? row.state}
          </Tag>
          {row.is_personal ? t.personal : t.plain}
        </span>
      }
      extra={
        <span className="row">
          <Time at={row.created_at} />
          <Button size="small" icon={<DeleteOutlined />} onClick={ask} aria-label={t.remove} />
        </span>
      }
    >
      {row.error}
      {row.is_personal && row.state === "done" ? <p className="muted small">{t.restore}</p> : null}
      {row.files.length > 0 ? <Files row={row} /> : null}
    </Card>
  );
}

function Files({ row }: { row: ExportRow }) {
  const t = useT().files;
  const count = useCount();
  return (
    <Table
      size="small"
      rowKey="name"
      pagination={false}
      scroll={{ x: 420 }}
      dataSource={row.files}
      columns={[
        {
          title: t.exports.files,
          dataIndex: "name",
          render: (name: string) => (
            <Button
              type="link"
              size="small"
              icon={<DownloadOutlined />}
              href={`/api/exports/${row.id}/files/${name}`}
            >
              {name}
            </Button>
          ),
        },
        {
          title: t.imports.rows,
          align: "right",
          className: "num",
          render: (_, { rows }) => (rows === null ? "—" : count(rows)),
        },
        {
          title: "",
          align: "right",
          className: "num muted",
          render: (_, { bytes }) => formatBytes(bytes),
        },
      ]}
    />
  );
}
