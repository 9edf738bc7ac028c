/** Who of the staff has confirmed, and what became of their customers. */
import { Card, type TableColumnsType, Tag } from "antd";
import { $api, type Row } from "../api/client";
import { formatInt } from "../kit/format";
import { Records } from "../kit/Records";
import { Answer, EmptyState } from "../kit/States";
import { Time } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { type Broadcast, useStaffName } from "./looks";

type Sender = Row<"/api/broadcasts/{broadcast_id}/senders">;

export function Senders({ broadcast }: { broadcast: Broadcast }) {
  const t = useT().broadcasts.detail;
  const isMoving = ["sending", "paused", "stopped"].includes(broadcast.state);
  const list = $api.useQuery(
    "get",
    "/api/broadcasts/{broadcast_id}/senders",
    { params: { path: { broadcast_id: broadcast.id } } },
    { refetchInterval: isMoving ? 5_000 : false },
  );
  const columns = useColumns();
  return (
    <Card title={t.tasks} styles={{ body: { padding: 0 } }} data-testid="senders">
      <Answer query={list}>
        {({ items }) => (
          <Records<Sender>
            rows={items}
            rowKey={(row) => `${row.account}/${row.sender}`}
            columns={columns}
            card={(row) => <SenderCard row={row} />}
            empty={<EmptyState title={t.noSenders} hint={t.noSendersHint} />}
            minWidth={820}
          />
        )}
      </Answer>
    </Card>
  );
}

function useColumns(): TableColumnsType<Sender> {
  const t = useT().broadcasts.detail;
  const name = useStaffName();
  const language = useLanguage();
  const number = (title: string, count: (row: Sender) => number) => ({
    title,
    key: title,
    width: 84,
    align: "right" as const,
    className: "num",
    render: (_: unknown, row: Sender) => formatInt(count(row), language),
  });
  return [
    { title: t.sender, key: "sender", className: "strong", render: (_, row) => name(row.sender) },
    { title: t.confirmed, key: "state", width: 110, render: (_, row) => <Confirmed row={row} /> },
    number(t.total, totalOf),
    number(t.waiting, (row) => row.states.accepted ?? 0),
    number(t.delivered, (row) => row.states.delivered ?? 0),
    number(t.failed, (row) => row.states.failed ?? 0),
    number(t.tasked, (row) => row.tasks),
    number(t.reminders, (row) => row.reminders),
    {
      title: t.confirmedAt,
      key: "at",
      width: 130,
      render: (_, row) => <Time at={row.confirmed_at} />,
    },
  ];
}

function Confirmed({ row }: { row: Sender }) {
  const t = useT().broadcasts.detail;
  if (row.tasks === 0) return <span className="muted">—</span>;
  if (row.cancelled === row.tasks) return <Tag>{t.takenBack}</Tag>;
  const isDone = row.confirmed + row.cancelled >= row.tasks;
  return <Tag color={isDone ? "success" : "gold"}>{isDone ? t.yes : t.no}</Tag>;
}

function SenderCard({ row }: { row: Sender }) {
  const t = useT().broadcasts.detail;
  const name = useStaffName();
  return (
    <div className="stack" style={{ gap: 6 }}>
      <div className="spread">
        <span className="strong">{name(row.sender)}</span>
        <Confirmed row={row} />
      </div>
      <div className="spread muted small">
        <span>
          {t.delivered} {row.states.delivered ?? 0} / {totalOf(row)}
        </span>
        <Time at={row.confirmed_at} />
      </div>
    </div>
  );
}

function totalOf(row: Sender): number {
  return Object.values(row.states).reduce((sum, count) => sum + count, 0);
}
