/** The organisation from a file: tried first, then taken in. */
import { UploadOutlined } from "@ant-design/icons";
import { Alert, Button, Modal, Table, Upload } from "antd";
import { useState } from "react";
import { client } from "../api/client";
import { problemOf } from "../api/problem";
import { useAct } from "../kit/act";
import { labelOf, useT } from "../locale";

const PATHS = ["/api/stores", "/api/regions", "/api/guides"];

interface Done {
  is_dry: boolean;
  rows: number;
  changed: number;
  failed: number;
  regions: number;
  stores: number;
  posts: number;
  errors: { row: number; field: string; code: string; reason: string }[];
}

export function ImportOrg({ onClose }: { onClose: () => void }) {
  const t = useT().org.stores;
  const act = useAct();
  const [file, setFile] = useState<File>();
  const [result, setResult] = useState<Done>();
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const run = async (isDry: boolean) => {
    if (!file) return;
    setBusy(true);
    setProblem("");
    try {
      const done = await send(file, isDry);
      setResult(done);
      if (!isDry) {
        act(PATHS, t.importDone(done.changed), onClose).onSuccess();
      }
    } catch (error) {
      setProblem(problemOf(error).title);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={t.importFile}
      onCancel={onClose}
      footer={
        <>
          <Button disabled={!file} loading={isBusy} onClick={() => run(true)}>
            {t.tryRun}
          </Button>
          <Button type="primary" disabled={!result} loading={isBusy} onClick={() => run(false)}>
            {t.doImport}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p className="muted small">{t.importHint}</p>
        <Upload
          accept=".csv,.xlsx"
          maxCount={1}
          beforeUpload={(chosen) => {
            setFile(chosen);
            setResult(undefined);
            setProblem("");
            return false;
          }}
        >
          <Button icon={<UploadOutlined />}>{t.drop}</Button>
        </Upload>
        {problem ? <Alert type="error" showIcon title={problem} /> : null}
        {result ? <Report result={result} /> : null}
      </div>
    </Modal>
  );
}

function Report({ result }: { result: Done }) {
  const t = useT().org.stores;
  return (
    <>
      <Alert
        type={result.failed ? "warning" : "success"}
        title={t.result(result.rows, result.changed, result.failed)}
        description={t.adds(result.regions, result.stores, result.posts)}
      />
      {result.errors.length ? (
        <Table
          size="small"
          rowKey="row"
          dataSource={result.errors}
          pagination={{ pageSize: 8, hideOnSinglePage: true }}
          columns={[
            { title: t.row, dataIndex: "row", width: 70 },
            {
              title: t.column,
              dataIndex: "field",
              width: 130,
              render: (field: string) => labelOf(t.columns, field),
            },
            { title: t.reason, dataIndex: "reason" },
          ]}
        />
      ) : null}
    </>
  );
}

async function send(file: File, isDry: boolean): Promise<Done> {
  const { data, error } = await client.POST("/api/organisation/import", {
    params: { query: { is_dry: isDry } },
    body: { file: "" },
    bodySerializer: () => {
      const form = new FormData();
      form.append("file", file);
      return form;
    },
  });
  if (!data) throw error;
  return data;
}
