/** What we know of a customer, each with its source and time. */
import { Table, type TableColumnsType } from "antd";
import { EmptyState } from "../kit/States";
import { Time } from "../kit/Values";
import { useT } from "../locale";
import type { Profile } from "./CustomerPage";

type Trait = Profile["traits"][number];

export function Traits({ traits }: { traits: Trait[] }) {
  const t = useT().pool.traits;
  if (traits.length === 0) return <EmptyState title={t.empty} />;
  const columns: TableColumnsType<Trait> = [
    { title: t.field, dataIndex: "field", className: "mono" },
    {
      title: t.value,
      dataIndex: "value",
      render: (value: unknown) => <span className="break">{textOf(value)}</span>,
    },
    {
      title: t.source,
      dataIndex: "source",
      render: (source: string) => <span className="muted">{source}</span>,
    },
    { title: t.at, dataIndex: "at", render: (at: string) => <Time at={at} /> },
  ];
  return (
    <Table<Trait>
      size="small"
      rowKey={(row) => `${row.field}-${row.source}`}
      columns={columns}
      dataSource={traits}
      pagination={false}
      scroll={{ x: 480 }}
    />
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
