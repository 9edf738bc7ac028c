/** What became of an upload: who was found, and which lines found nobody. */
import { DownloadOutlined } from "@ant-design/icons";
import { Button, Table } from "antd";
import { formatInt } from "../kit/format";
import { labelOf, useLanguage, useT } from "../locale";
import type { Upload } from "./listing";

const SHOWN = [
  "lines",
  "matched",
  "unmatched",
  "ambiguous",
  "refused",
  "added",
  "members",
] as const;

export function UploadReport({ segment, upload }: { segment: number; upload: Upload }) {
  const t = useT().segments.list;
  const language = useLanguage();
  const { counts, misses } = upload;
  return (
    <div className="stack" data-testid="upload-report">
      <div className="grid kpis narrow">
        {SHOWN.map((name) => (
          <div className="kpi" key={name}>
            <span className="muted small">{t[name]}</span>
            <span className="num" style={{ fontSize: 22, fontWeight: 600 }}>
              {formatInt(counts[name], language)}
            </span>
          </div>
        ))}
      </div>
      {misses.length === 0 ? (
        <div className="up">{t.allFound}</div>
      ) : (
        <>
          <div className="spread">
            <span className="strong">{t.misses}</span>
            <Button
              size="small"
              icon={<DownloadOutlined />}
              href={`/api/segments/${segment}/uploads/${upload.id}/misses.csv`}
              download
            >
              {t.download}
            </Button>
          </div>
          <Table
            size="small"
            rowKey="line"
            pagination={false}
            scroll={{ y: 260 }}
            dataSource={misses}
            columns={[
              { title: t.line, dataIndex: "line", width: 80 },
              { title: t.shown, dataIndex: "shown", ellipsis: true },
              {
                title: t.reason,
                dataIndex: "code",
                render: (code: string) => labelOf(t.missWords, code),
              },
            ]}
          />
        </>
      )}
    </div>
  );
}
