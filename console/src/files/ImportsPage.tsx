/** Imports: the wizard, and what was imported before. */
import { UploadOutlined } from "@ant-design/icons";
import { App, Button, type TableColumnsType, Tag } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { Page } from "../kit/Page";
import { Records } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { Time } from "../kit/Values";
import { useT } from "../locale";
import { useCount } from "./counts";
import { ImportWizard } from "./ImportWizard";
import type { ImportRow } from "./RunReport";

const COLORS: Record<string, string> = {
  done: "green",
  failed: "red",
  running: "blue",
  queued: "blue",
  checked: "gold",
};
const OPEN = new Set(["queued", "running"]);

export default function ImportsPage() {
  const t = useT().files.imports;
  const [isOpen, setOpen] = useState(false);
  const [runId, setRunId] = useState<number | null>(null);
  const imports = $api.useQuery(
    "get",
    "/api/imports",
    {},
    {
      refetchInterval: ({ state }) =>
        state.data?.items.some((row) => OPEN.has(row.state)) ? 1500 : false,
    },
  );
  const show = (id: number | null) => {
    setRunId(id);
    setOpen(true);
  };
  const begin = (
    <Button type="primary" icon={<UploadOutlined />} onClick={() => show(null)}>
      {t.start}
    </Button>
  );
  return (
    <Page title={t.title} lead={t.lead} extra={isOpen ? null : begin}>
      {isOpen ? (
        <ImportWizard
          key={runId ?? "new"}
          runId={runId}
          onRun={setRunId}
          onClose={() => setOpen(false)}
        />
      ) : null}
      {imports.isError ? (
        <ErrorState error={imports.error} onRetry={() => imports.refetch()} />
      ) : (
        <History rows={imports.data?.items} onOpen={(row) => show(row.id)} />
      )}
    </Page>
  );
}

interface HistoryProps {
  rows: ImportRow[] | undefined;
  onOpen: (row: ImportRow) => void;
}

function History({ rows, onOpen }: HistoryProps) {
  const t = useT().files.imports;
  const columns: TableColumnsType<ImportRow> = [
    { title: t.file, dataIndex: "file_name", className: "clip" },
    { title: t.kind, dataIndex: "kind", render: (kind: string) => t.kinds[kind] ?? kind },
    { title: t.state, render: (_, row) => <State row={row} /> },
    { title: t.result, render: (_, row) => <Result row={row} /> },
    { title: t.by, dataIndex: "actor" },
    { title: t.at, dataIndex: "created_at", render: (at: string) => <Time at={at} /> },
    { title: "", render: (_, row) => <Actions row={row} onOpen={onOpen} /> },
  ];
  return (
    <Records<ImportRow>
      rows={rows}
      rowKey={(row) => row.id}
      columns={columns}
      minWidth={880}
      card={(row) => (
        <div className="stack" style={{ gap: 6 }}>
          <div className="spread">
            <span className="strong clip">{row.file_name}</span>
            <State row={row} />
          </div>
          <div className="muted small">
            {t.kinds[row.kind]} · <Time at={row.created_at} />
          </div>
          <Result row={row} />
          <Actions row={row} onOpen={onOpen} />
        </div>
      )}
      empty={<EmptyState title={t.empty} hint={t.emptyHint} />}
    />
  );
}

function State({ row }: { row: ImportRow }) {
  const t = useT().files.imports;
  return <Tag color={COLORS[row.state] ?? "default"}>{t.states[row.state] ?? row.state}</Tag>;
}

function Result({ row }: { row: ImportRow }) {
  const t = useT().files.imports;
  const count = useCount();
  if (row.state === "undone") {
    const { customers = 0, customers_kept = 0, events = 0 } = row.undone;
    const told = t.undone(count(customers), count(customers_kept), count(events));
    const more = (["orders", "orders_kept", "tags"] as const)
      .filter((key) => row.undone[key])
      .map((key) => `${t.undoneMore[key]} ${count(row.undone[key] ?? 0)}`);
    return <span className="small">{[told, ...more].join(" · ")}</span>;
  }
  const shown = ["fresh", "known", "repeated", "refused"].filter((key) => row.counts[key]);
  const parts = shown.map((key) => `${t.counts[key]} ${count(row.counts[key] ?? 0)}`);
  return <span className="small num">{row.error || parts.join(" · ") || "—"}</span>;
}

function Actions({ row, onOpen }: { row: ImportRow; onOpen: (row: ImportRow) => void }) {
  const t = useT().files.imports;
  const act = useAct();
  const { modal } = App.useApp();
  const path = { params: { path: { run_id: row.id } } };
  const stop = $api.useMutation("post", "/api/imports/{run_id}/cancel", act(["/api/imports"]));
  const undo = $api.useMutation(
    "post",
    "/api/imports/{run_id}/undo",
    act(["/api/imports", "/api/customers"]),
  );
  const ask = (title: string, content: string, onOk: () => void) =>
    modal.confirm({ title, content, okButtonProps: { danger: true }, onOk });
  const isUndoable =
    ["done", "cancelled", "failed"].includes(row.state) && !row.is_dry && row.position > 0;
  return (
    <div className="row">
      {row.origin === "console" && row.state !== "uploading" ? (
        <Button size="small" onClick={() => onOpen(row)}>
          {t.open}
        </Button>
      ) : null}
      {OPEN.has(row.state) && row.origin === "console" ? (
        <Button size="small" onClick={() => ask(t.stop, t.stopAsk, () => stop.mutate(path))}>
          {t.stop}
        </Button>
      ) : null}
      {isUndoable ? (
        <Button size="small" danger onClick={() => ask(t.undo, t.undoAsk, () => undo.mutate(path))}>
          {t.undo}
        </Button>
      ) : null}
    </div>
  );
}
