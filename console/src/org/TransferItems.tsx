/** What became of each customer and group of a take-over. */
import { App, Button, Select, Table } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Time } from "../kit/Values";
import { labelOf, useT } from "../locale";

export type Transfer = Row<"/api/transfers">;
const OPEN = new Set(["planned", "asked"]);

type Item = Row<"/api/transfers/{transfer_id}/items">;

/** How many customers and groups are in a state, or in all. */
function countOf({ counts }: Transfer, state: string): number {
  if (state) return counts[state] ?? 0;
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Whether something of what is shown may still change. */
function isOpen(found: { pages: { items: Item[] }[] } | undefined): boolean {
  return found?.pages.some(({ items }) => items.some((one) => OPEN.has(one.state))) ?? false;
}

export function TransferItems({ transfer }: { transfer: Transfer }) {
  const texts = useT();
  const t = texts.org.transfers;
  const act = useAct();
  const { modal } = App.useApp();
  const [state, setState] = useState("");
  const path = { transfer_id: transfer.id };
  const items = $api.useInfiniteQuery(
    "get",
    "/api/transfers/{transfer_id}/items",
    { params: { path, query: state ? { state } : {} } },
    {
      pageParamName: "after",
      initialPageParam: 0,
      getNextPageParam: (last) => last.items.at(-1)?.id,
      refetchInterval: (query) => (isOpen(query.state.data) ? 3_000 : false),
    },
  );
  const rows = items.data?.pages.flatMap((page) => page.items) ?? [];
  const all = countOf(transfer, state);
  const groups = useGroups(transfer);
  const stop = $api.useMutation(
    "post",
    "/api/transfers/{transfer_id}/stop",
    act(["/api/transfers"]),
  );
  const ask = () =>
    modal.confirm({
      title: t.stop,
      content: t.stopAsk,
      onOk: () => stop.mutate({ params: { path } }),
    });
  return (
    <div className="stack">
      <div className="spread">
        <Select
          aria-label={t.state}
          value={state}
          onChange={setState}
          style={{ width: 180 }}
          options={[
            { value: "", label: t.all },
            ...Object.entries(t.itemStates).map(([value, label]) => ({ value, label })),
          ]}
        />
        {transfer.state === "running" ? <Button onClick={ask}>{t.stop}</Button> : null}
      </div>
      <Table<Item>
        size="small"
        rowKey="id"
        dataSource={rows}
        loading={items.isLoading}
        pagination={false}
        columns={[
          {
            title: t.customer,
            key: "name",
            render: (_, row) => <ItemName row={row} groups={groups} />,
          },
          {
            title: t.state,
            dataIndex: "state",
            render: (code: string) => labelOf(t.itemStates, code),
          },
          { title: t.reason, dataIndex: "reason" },
          { title: t.at, key: "at", render: (_, row) => <Time at={row.done_at ?? row.asked_at} /> },
        ]}
      />
      {items.hasNextPage && rows.length < all ? (
        <Button loading={items.isFetchingNextPage} onClick={() => items.fetchNextPage()}>
          {texts.kit.more} ({rows.length} / {all})
        </Button>
      ) : null}
    </div>
  );
}

interface ItemNameProps {
  row: Item;
  groups: Map<string, Row<"/api/groups">>;
}

/** The groups of both sides, by the platform's id. */
function useGroups({ account, giver, taker }: Transfer): Map<string, Row<"/api/groups">> {
  const may = useMay();
  const isAble = { enabled: may("group:read") };
  const of = (owner: string) => ({ params: { query: { account, owner, limit: 200 } } });
  const before = $api.useQuery("get", "/api/groups", of(giver), isAble);
  const after = $api.useQuery("get", "/api/groups", of(taker), isAble);
  const known = [...(before.data?.items ?? []), ...(after.data?.items ?? [])];
  return new Map(known.map((group) => [group.remote_id, group]));
}

/** A group's item carries the platform's id; its name is ours when the group is known. */
function ItemName({ row, groups }: ItemNameProps) {
  const t = useT().org.transfers;
  if (row.is_group) {
    const group = groups.get(row.name);
    if (!group) return <span>{`${t.group} ${row.name}`}</span>;
    return <Link to={`/groups/${group.id}`}>{`${t.group} ${group.name || row.name}`}</Link>;
  }
  if (row.customer_id === null) return <span>{row.name}</span>;
  return <Link to={`/customers/${row.customer_id}`}>{row.name || `#${row.customer_id}`}</Link>;
}
