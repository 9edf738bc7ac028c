/** One import from choosing a file to the report: upload, meanings, dry run, write. */
import { InboxOutlined } from "@ant-design/icons";
import { Alert, Button, Card, Progress, Radio, Steps, Upload } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { problemOf } from "../api/problem";
import { useAct } from "../kit/act";
import { Answer } from "../kit/States";
import { useIsPhone } from "../kit/screen";
import { useT } from "../locale";
import { type Draft, type FileLook, Meanings } from "./Meanings";
import { columnsOf } from "./meanings";
import { type ImportRow, RunReport } from "./RunReport";
import { type Kind, uploadFile } from "./upload";

const KINDS: Kind[] = ["customers", "identities", "orders", "events", "tags"];
const OPEN = new Set(["queued", "running"]);

interface WizardProps {
  runId: number | null;
  onRun: (id: number) => void;
  onClose: () => void;
}

export function ImportWizard({ runId, onRun, onClose }: WizardProps) {
  return runId === null ? (
    <Choose onRun={onRun} onClose={onClose} />
  ) : (
    <Run runId={runId} onClose={onClose} />
  );
}

function Head({ step }: { step: number }) {
  const t = useT().files.imports;
  const isPhone = useIsPhone();
  if (isPhone) {
    return (
      <div className="strong">
        {step + 1}/4 {t.steps[step]}
      </div>
    );
  }
  return <Steps size="small" current={step} items={t.steps.map((title) => ({ title }))} />;
}

function Choose({ onRun, onClose }: Omit<WizardProps, "runId">) {
  const t = useT().files.imports;
  const [kind, setKind] = useState<Kind>("customers");
  const [share, setShare] = useState<number | null>(null);
  const [problem, setProblem] = useState("");
  const send = async (file: File) => {
    setProblem("");
    setShare(0);
    try {
      onRun(await uploadFile(kind, file, setShare));
    } catch (error) {
      setProblem(problemOf(error).title);
    } finally {
      setShare(null);
    }
  };
  return (
    <Card extra={<Button onClick={onClose}>{t.close}</Button>} title={t.start}>
      <div className="stack">
        <Head step={0} />
        <Radio.Group
          aria-label={t.kind}
          value={kind}
          onChange={(event) => setKind(event.target.value)}
          optionType="button"
          options={KINDS.map((value) => ({ value, label: t.kinds[value] }))}
        />
        <div className="muted small">{t.kindHints[kind]}</div>
        {problem ? <Alert type="error" showIcon title={problem} /> : null}
        {share === null ? (
          <Upload.Dragger
            showUploadList={false}
            beforeUpload={(file) => {
              void send(file);
              return false;
            }}
          >
            <InboxOutlined style={{ fontSize: 36, color: "var(--tea)" }} />
            <p>{t.choose}</p>
            <p className="muted small">{t.formats}</p>
          </Upload.Dragger>
        ) : (
          <div aria-live="polite">
            {t.uploading}
            <Progress percent={Math.round(share * 100)} />
          </div>
        )}
      </div>
    </Card>
  );
}

function Run({ runId, onClose }: { runId: number; onClose: () => void }) {
  const t = useT().files.imports;
  const [isChanging, setChanging] = useState(false);
  const run = $api.useQuery(
    "get",
    "/api/imports/{run_id}",
    { params: { path: { run_id: runId } } },
    { refetchInterval: ({ state }) => (OPEN.has(state.data?.state ?? "") ? 700 : false) },
  );
  return (
    <Card
      title={run.data ? `${t.kinds[run.data.kind]} · ${run.data.file_name}` : t.title}
      extra={<Button onClick={onClose}>{t.close}</Button>}
    >
      <Answer query={run}>
        {(data) =>
          data.state === "uploaded" || isChanging ? (
            <Confirm run={data} onStarted={() => setChanging(false)} />
          ) : (
            <Report run={data} onChange={() => setChanging(true)} />
          )
        }
      </Answer>
    </Card>
  );
}

function Confirm({ run, onStarted }: { run: ImportRow; onStarted: () => void }) {
  const look = $api.useQuery(
    "get",
    "/api/imports/{run_id}/file",
    { params: { path: { run_id: run.id } } },
    { retry: false, staleTime: Number.POSITIVE_INFINITY },
  );
  return (
    <div className="stack">
      <Head step={1} />
      <Answer query={look} rows={8}>
        {(data) => <Draftsheet run={run} look={data} onStarted={onStarted} />}
      </Answer>
    </div>
  );
}

function draftOf(look: FileLook): Draft {
  const { source, event = "", tag = "", date_order } = look.mapping;
  const chosen = Object.fromEntries(look.columns.map(({ name, field }) => [name, field]));
  return { chosen, source, event, tag, date_order: date_order ?? "" };
}

interface DraftsheetProps {
  run: ImportRow;
  look: FileLook;
  onStarted: () => void;
}

function Draftsheet({ run, look, onStarted }: DraftsheetProps) {
  const t = useT().files.imports;
  const [draft, setDraft] = useState(() => draftOf(look));
  const start = useStart(onStarted);
  const { chosen, date_order, ...rest } = draft;
  const mapping = {
    ...look.mapping,
    ...rest,
    date_order: date_order || null,
    columns: columnsOf(chosen),
  };
  const go = () =>
    start.mutate({
      params: { path: { run_id: run.id } },
      body: { is_dry: true, mapping },
    });
  return (
    <>
      <Meanings kind={run.kind} look={look} draft={draft} onChange={setDraft} />
      <div>
        <Button type="primary" loading={start.isPending} onClick={go}>
          {t.tryOut}
        </Button>
      </div>
    </>
  );
}

function useStart(then?: () => void) {
  const t = useT().files.imports;
  const act = useAct();
  return $api.useMutation(
    "post",
    "/api/imports/{run_id}/start",
    act(["/api/imports"], t.states.queued, then),
  );
}

function Report({ run, onChange }: { run: ImportRow; onChange: () => void }) {
  const t = useT().files.imports;
  const isDry = run.is_dry;
  return (
    <div className="stack">
      <Head step={isDry ? 2 : 3} />
      <RunReport run={run} />
      <div className="row">
        {run.state === "checked" ? <Write run={run} label={t.write} /> : null}
        {run.state === "cancelled" && !isDry ? <Write run={run} label={t.writeAgain} /> : null}
        {run.state === "checked" || run.state === "failed" ? (
          <Button onClick={onChange}>{t.back}</Button>
        ) : null}
      </div>
    </div>
  );
}

function Write({ run, label }: { run: ImportRow; label: string }) {
  const look = $api.useQuery(
    "get",
    "/api/imports/{run_id}/file",
    { params: { path: { run_id: run.id } } },
    { retry: false },
  );
  const start = useStart();
  const go = () =>
    look.data &&
    start.mutate({
      params: { path: { run_id: run.id } },
      body: { is_dry: false, mapping: look.data.mapping },
    });
  return (
    <Button type="primary" disabled={!look.data} loading={start.isPending} onClick={go}>
      {label}
    </Button>
  );
}
