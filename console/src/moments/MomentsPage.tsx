/** All moments, the newest first. */
import { PlusOutlined } from "@ant-design/icons";
import { Button, type TableColumnsType } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { $api, type Row } from "../api/client";
import { StateTag } from "../broadcasts/looks";
import { useMay } from "../core/session";
import { formatInt } from "../kit/format";
import { Page } from "../kit/Page";
import { Pager, Records, useCursors } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { Time } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { MomentForm } from "./MomentForm";

export type Moment = Row<"/api/moments">;

export default function MomentsPage() {
  const t = useT().moments;
  const may = useMay();
  const navigate = useNavigate();
  const [isAdding, setAdding] = useState(false);
  const cursors = useCursors();
  const page = $api.useQuery(
    "get",
    "/api/moments",
    { params: { query: { cursor: cursors.cursor } } },
    { refetchInterval: 10_000, placeholderData: (before) => before },
  );
  const columns = useColumns();
  return (
    <Page
      title={t.title}
      lead={t.lead}
      extra={
        may("broadcast:write") ? (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
            {t.add}
          </Button>
        ) : null
      }
    >
      {page.isError ? (
        <ErrorState error={page.error} onRetry={() => page.refetch()} />
      ) : (
        <Records<Moment>
          rows={page.data?.items}
          rowKey={(row) => row.id}
          columns={columns}
          card={(row) => <MomentCard row={row} />}
          onOpen={(row) => navigate(`/moments/${row.id}`)}
          empty={<EmptyState title={t.empty} hint={t.emptyHint} />}
          pager={<Pager cursors={cursors} next={page.data?.next_cursor} />}
          minWidth={860}
        />
      )}
      {isAdding ? <MomentForm known={null} onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

function useColumns(): TableColumnsType<Moment> {
  const t = useT();
  const words = t.moments;
  const language = useLanguage();
  const number = (title: string, count: (row: Moment) => number) => ({
    title,
    key: title,
    width: 116,
    align: "right" as const,
    className: "num",
    render: (_: unknown, row: Moment) => formatInt(count(row), language),
  });
  return [
    { title: t.broadcasts.name, dataIndex: "name", className: "strong", ellipsis: true },
    {
      title: t.broadcasts.state,
      dataIndex: "state",
      width: 120,
      render: (code: string) => <StateTag code={code} words={words.states} />,
    },
    {
      title: words.posted,
      key: "posted",
      width: 100,
      align: "right",
      className: "num",
      render: (_, row) => `${row.totals.posted} / ${row.totals.posters}`,
    },
    number(words.expected, (row) => row.totals.planned || row.estimate),
    number(words.reached, (row) => row.totals.reached),
    number(words.likes, (row) => row.totals.likes),
    number(words.comments, (row) => row.totals.comments),
    {
      title: t.broadcasts.when,
      key: "when",
      width: 130,
      render: (_, row) => <Time at={row.posting_at ?? row.scheduled_at ?? row.created_at} />,
    },
  ];
}

function MomentCard({ row }: { row: Moment }) {
  const t = useT().moments;
  return (
    <div className="stack" style={{ gap: 6 }}>
      <div className="spread">
        <span className="strong clip">{row.name}</span>
        <StateTag code={row.state} words={t.states} />
      </div>
      <div className="muted small break">{row.text.slice(0, 60)}</div>
      <div className="spread muted small">
        <span>
          {t.posted} {row.totals.posted} / {row.totals.posters} · {t.reached} {row.totals.reached}
        </span>
        <span>
          {t.likes} {row.totals.likes}
        </span>
      </div>
    </div>
  );
}
