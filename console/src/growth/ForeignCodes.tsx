/** Codes that the platform has and that were not made here; read only. */
import { Button, Card, Table } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { formatTime } from "../kit/format";
import { useStaffName } from "../kit/staff";
import { useAccountLabel } from "../kit/Values";
import { useT } from "../locale";

type Foreign = Row<"/api/foreign-codes">;

export function ForeignCodes() {
  const t = useT().growth;
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1);
  const codes = $api.useQuery("get", "/api/foreign-codes", {
    params: { query: cursor ? { cursor } : {} },
  });
  const items = codes.data?.items ?? [];
  const next = codes.data?.next_cursor;
  if (items.length === 0 && cursors.length === 0) return null;
  return (
    <Card size="small" title={t.foreign} data-testid="foreign-codes">
      <p className="muted small">{t.foreignHint}</p>
      <Rows items={items} />
      {cursors.length > 0 || next ? (
        <div className="row" style={{ marginTop: 8 }}>
          <Button
            size="small"
            disabled={cursors.length === 0}
            onClick={() => setCursors(cursors.slice(0, -1))}
          >
            {t.before}
          </Button>
          <Button
            size="small"
            disabled={!next}
            onClick={() => next && setCursors([...cursors, next])}
          >
            {t.further}
          </Button>
        </div>
      ) : null}
    </Card>
  );
}

function Rows({ items }: { items: Foreign[] }) {
  const t = useT().growth;
  const staffName = useStaffName();
  const label = useAccountLabel();
  return (
    <Table<Foreign>
      size="small"
      rowKey="id"
      dataSource={items}
      pagination={false}
      scroll={{ x: 640 }}
      columns={[
        { title: t.foreignName, render: (_, row) => row.name || t.unnamed },
        { title: t.foreignAccount, render: (_, row) => label(row.account) },
        { title: t.foreignState, dataIndex: "state", className: "break" },
        {
          title: t.foreignStaff,
          render: (_, row) => row.staff.map((one) => staffName(row.account, one)).join("、"),
        },
        { title: t.foreignRead, render: (_, row) => formatTime(row.read_at) },
        {
          title: "",
          render: (_, row) =>
            row.picture_url ? (
              <a href={row.picture_url} target="_blank" rel="noreferrer">
                {t.foreignPicture}
              </a>
            ) : null,
        },
      ]}
    />
  );
}
