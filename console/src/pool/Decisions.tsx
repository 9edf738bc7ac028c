/** What people decided about conflicts; each can be undone. */
import { Button, type TableColumnsType, Tag } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useAct } from "../kit/act";
import { Pager, Records, useCursors } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { Time } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { ReasonDialog } from "./ReasonDialog";
import { SidesLine } from "./Sides";

type Decision = Row<"/api/decisions">;

export function Decisions() {
  const words = useT();
  const t = words.oneid;
  const cursors = useCursors();
  const [undoing, setUndoing] = useState<Decision | null>(null);
  const decisions = $api.useQuery("get", "/api/decisions", {
    params: { query: { limit: 20, ...(cursors.cursor ? { cursor: cursors.cursor } : {}) } },
  });
  if (decisions.isError) {
    return <ErrorState error={decisions.error} onRetry={() => decisions.refetch()} />;
  }
  const state = (row: Decision) => <State row={row} onUndo={() => setUndoing(row)} />;
  const columns: TableColumnsType<Decision> = [
    {
      title: t.queue.between,
      dataIndex: "sides",
      render: (sides: Decision["sides"]) => <SidesLine sides={sides} />,
    },
    {
      title: t.decisions.verdict,
      dataIndex: "verdict",
      render: (code: string) => <Tag>{labelOf(t.verdicts, code)}</Tag>,
    },
    { title: words.kit.reason, dataIndex: "reason", className: "break" },
    { title: t.decisions.by, dataIndex: "by" },
    { title: t.decisions.at, dataIndex: "at", render: (at: string) => <Time at={at} /> },
    { title: "", key: "undo", align: "right", render: (_, row) => state(row) },
  ];
  return (
    <>
      <Records<Decision>
        rows={decisions.data?.items}
        rowKey={(row) => row.id}
        columns={columns}
        card={(row) => (
          <div className="stack" style={{ gap: 6 }}>
            <SidesLine sides={row.sides} />
            <span className="break">
              <Tag>{labelOf(t.verdicts, row.verdict)}</Tag> {row.reason}
            </span>
            <div className="spread">
              <span className="muted small">
                {row.by} · <Time at={row.at} />
              </span>
              {state(row)}
            </div>
          </div>
        )}
        empty={<EmptyState title={t.decisions.empty} hint={t.decisions.emptyHint} />}
        pager={<Pager cursors={cursors} next={decisions.data?.next_cursor} />}
      />
      <UndoDialog decision={undoing} onClose={() => setUndoing(null)} />
    </>
  );
}

function State({ row, onUndo }: { row: Decision; onUndo: () => void }) {
  const t = useT().oneid.decisions;
  if (row.undone_at) return <span className="muted small">{t.undoneBy(row.undone_by)}</span>;
  return (
    <Button size="small" onClick={onUndo}>
      {t.undo}
    </Button>
  );
}

function UndoDialog({ decision, onClose }: { decision: Decision | null; onClose: () => void }) {
  const t = useT().oneid.decisions;
  const act = useAct();
  const changed = ["/api/conflicts", "/api/decisions", "/api/poison", "/api/customers"];
  const undo = $api.useMutation(
    "post",
    "/api/decisions/{decision_id}/undo",
    act(changed, t.undone, onClose),
  );
  return (
    <ReasonDialog
      title={t.undo}
      lead={t.undoLead}
      isOpen={decision !== null}
      isPending={undo.isPending}
      onClose={onClose}
      onDone={(reason) =>
        decision &&
        undo.mutate({ params: { path: { decision_id: decision.id } }, body: { reason } })
      }
    />
  );
}
