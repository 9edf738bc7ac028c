/** Tags put on or taken off many at once: how far, by whom, and taking it back. */
import { App, Button, Progress, type TableColumnsType } from "antd";
import { $api, type Row } from "../api/client";
import { useAct } from "../kit/act";
import { Records } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { TagList, Time } from "../kit/Values";
import { labelOf, useT } from "../locale";

type Batch = Row<"/api/tag-batches">;

export function BulkTagList() {
  const t = useT().tagging;
  const list = $api.useQuery(
    "get",
    "/api/tag-batches",
    {},
    {
      refetchInterval: (query) =>
        query.state.data?.items.some((row) => row.state.endsWith("ing")) ? 1500 : false,
    },
  );
  const columns: TableColumnsType<Batch> = [
    { title: t.what, key: "what", render: (_, row) => <What row={row} /> },
    {
      title: t.progress,
      key: "progress",
      width: 200,
      render: (_, row) => <How row={row} />,
    },
    { title: t.who, dataIndex: "actor", width: 120 },
    {
      title: t.when,
      dataIndex: "created_at",
      width: 120,
      render: (at: string) => <Time at={at} />,
    },
    { title: "", key: "do", width: 90, render: (_, row) => <Undo row={row} /> },
  ];
  if (list.isError) return <ErrorState error={list.error} onRetry={() => list.refetch()} />;
  return (
    <Records<Batch>
      rows={list.data?.items}
      rowKey={(row) => row.id}
      columns={columns}
      card={(row) => (
        <div className="stack" style={{ gap: 8 }}>
          <What row={row} />
          <div className="spread muted small">
            <span>{row.actor}</span>
            <Time at={row.created_at} />
          </div>
          <div className="spread">
            <How row={row} />
            <Undo row={row} />
          </div>
        </div>
      )}
      empty={<EmptyState title={t.noBatches} hint={t.noBatchesHint} />}
    />
  );
}

function What({ row }: { row: Batch }) {
  const t = useT().tagging;
  return (
    <span className="row tight">
      <span className="muted">{row.is_removal ? t.bulkRemove : t.bulkAdd}</span>
      <TagList tags={row.tags} limit={5} />
    </span>
  );
}

function How({ row }: { row: Batch }) {
  const t = useT().tagging;
  const share = row.wanted > 0 ? Math.min(100, Math.round((100 * row.done) / row.wanted)) : 100;
  const isBusy = row.state.endsWith("ing");
  return (
    <span className="row tight">
      <span className="muted small">{labelOf(t.states, row.state)}</span>
      {isBusy ? (
        <Progress percent={share} size="small" style={{ width: 90 }} />
      ) : (
        <span className="num">{row.wanted}</span>
      )}
    </span>
  );
}

function Undo({ row }: { row: Batch }) {
  const t = useT().tagging;
  const act = useAct();
  const { modal } = App.useApp();
  const undo = $api.useMutation("post", "/api/tag-batches/{batch_id}/undo", act(["/api/tag-"]));
  if (row.state !== "done") return null;
  const ask = () =>
    modal.confirm({
      title: t.undo,
      content: t.undoAsk,
      onOk: () => undo.mutate({ params: { path: { batch_id: row.id } } }),
    });
  return (
    <Button size="small" onClick={ask}>
      {t.undo}
    </Button>
  );
}
