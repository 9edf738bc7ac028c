/** What an import did or would do: progress, counts, remarks, refused rows. */
import { DownloadOutlined } from "@ant-design/icons";
import { Alert, Button, Progress, Statistic, Table } from "antd";
import type { Row } from "../api/client";
import { useT } from "../locale";
import { useCount } from "./counts";
import { spell } from "./meanings";

export type ImportRow = Row<"/api/imports">;

const SHOWN = ["rows", "fresh", "known", "repeated", "customers", "refused"];

export function RunReport({ run }: { run: ImportRow }) {
  const t = useT().files.imports;
  const count = useCount();
  const remarks = Object.entries(run.remarks);
  return (
    <div className="stack">
      {run.error ? <Alert type="error" showIcon title={run.error} /> : null}
      {run.state === "running" || run.state === "queued" ? <Running run={run} /> : null}
      {run.state === "checked" ? <Alert type="info" showIcon title={t.dryTitle} /> : null}
      {run.state === "done" ? <Alert type="success" showIcon title={t.doneTitle} /> : null}
      <div className="row" style={{ gap: 28 }} data-testid="import-counts">
        {SHOWN.filter((key) => run.counts[key] !== undefined).map((key) => (
          <Statistic key={key} title={t.counts[key]} value={run.counts[key] ?? 0} />
        ))}
      </div>
      {remarks.map(([text, rows]) => (
        <Alert key={text} type="warning" showIcon title={t.noteRow(text, count(rows))} />
      ))}
      {run.refused.length > 0 ? <Refused run={run} /> : null}
    </div>
  );
}

function Running({ run }: { run: ImportRow }) {
  const t = useT().files.imports;
  const count = useCount();
  const share = run.total ? Math.min(100, (100 * run.position) / run.total) : 0;
  return (
    <div aria-live="polite">
      <Progress percent={Math.round(share)} status="active" />
      <div className="spread muted small num">
        <span>
          {count(run.position)} / {count(run.total)} {t.rows}
        </span>
        <span>
          {run.rate ? t.rate(count(run.rate)) : ""}{" "}
          {run.seconds_left === null ? "" : t.left(spell(run.seconds_left, t))}
        </span>
      </div>
    </div>
  );
}

function Refused({ run }: { run: ImportRow }) {
  const t = useT().files.imports;
  return (
    <div className="stack" style={{ gap: 8 }}>
      <div className="spread">
        <span className="strong">{t.refused}</span>
        <Button
          size="small"
          icon={<DownloadOutlined />}
          href={`/api/imports/${run.id}/refused.csv`}
        >
          {t.downloadRefused}
        </Button>
      </div>
      <Table
        size="small"
        rowKey={(row) => `${row.row}-${row.code}`}
        dataSource={run.refused}
        pagination={false}
        scroll={{ x: 420, y: 240 }}
        columns={[
          { title: t.row, dataIndex: "row", width: 90, className: "num" },
          { title: t.field, dataIndex: "field", width: 140 },
          { title: t.reason, dataIndex: "reason" },
        ]}
      />
    </div>
  );
}
