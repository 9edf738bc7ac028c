/** Take-over: who left with customers, asking for a move, and what became of each customer. */
import { PlusOutlined } from "@ant-design/icons";
import {
  App,
  Button,
  Card,
  Drawer,
  Progress,
  Select,
  Table,
  type TableColumnsType,
  Tag,
} from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { $api, type Row } from "../api/client";
import { useAct } from "../kit/act";
import { Page } from "../kit/Page";
import { Records } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { useStaffName } from "../kit/staff";
import { Time } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { TransferForm } from "./TransferForm";

type Transfer = Row<"/api/transfers">;
type Leaver = Row<"/api/transfers/leavers">;
type Item = Row<"/api/transfers/{transfer_id}/items">;

export default function TransfersPage() {
  const t = useT().org.transfers;
  const [giver, setGiver] = useState<string>();
  const [shown, setShown] = useState<Transfer>();
  const list = $api.useQuery("get", "/api/transfers", {}, { refetchInterval: 5_000 });
  const columns = useColumns();
  return (
    <Page
      title={t.title}
      lead={t.lead}
      extra={
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setGiver("")}>
          {t.start}
        </Button>
      }
    >
      <Leavers onStart={(one) => setGiver(`${one.account}|${one.staff}`)} />
      <h2 style={{ margin: "8px 0 0" }}>{t.history}</h2>
      {list.isError ? (
        <ErrorState error={list.error} onRetry={() => list.refetch()} />
      ) : (
        <Records<Transfer>
          rows={list.data?.items}
          rowKey={(row) => row.id}
          columns={columns}
          card={(row) => <TransferCard row={row} />}
          empty={<EmptyState title={t.empty} hint={t.emptyHint} />}
          onOpen={setShown}
        />
      )}
      {giver !== undefined ? (
        <TransferForm initial={giver} onClose={() => setGiver(undefined)} />
      ) : null}
      <Drawer
        open={shown !== undefined}
        onClose={() => setShown(undefined)}
        size="large"
        title={t.title}
      >
        {shown ? <Items transfer={shown} /> : null}
      </Drawer>
    </Page>
  );
}

function Leavers({ onStart }: { onStart: (leaver: Leaver) => void }) {
  const t = useT().org.transfers;
  const staffName = useStaffName();
  const leavers = $api.useQuery("get", "/api/transfers/leavers");
  if (!leavers.data) return null;
  return (
    <Card title={t.todo} size="small">
      {leavers.data.items.length === 0 ? (
        <span className="muted small">
          {t.todoEmpty} · {t.todoHint}
        </span>
      ) : (
        <div className="stack" style={{ gap: 8 }}>
          {leavers.data.items.map((one) => (
            <div className="spread" key={`${one.account}${one.staff}`}>
              <span>
                <span className="strong">{one.name || staffName(one.account, one.staff)}</span>{" "}
                <span className="muted small">
                  {t.customers(one.customers)}
                  {one.waiting ? ` · ${t.waiting(one.waiting)}` : ""}
                </span>
              </span>
              <Button size="small" onClick={() => onStart(one)}>
                {t.start}
              </Button>
            </div>
          ))}
        </div>
      )}
    </Card>
  );
}

function useColumns(): TableColumnsType<Transfer> {
  const t = useT().org.transfers;
  const staffName = useStaffName();
  return [
    { title: t.giver, key: "giver", render: (_, row) => staffName(row.account, row.giver) },
    { title: t.taker, key: "taker", render: (_, row) => staffName(row.account, row.taker) },
    { title: "", key: "kind", render: (_, row) => (row.has_left ? t.resigned : t.onJob) },
    { title: t.progress, key: "progress", width: 220, render: (_, row) => <Bar row={row} /> },
    { title: t.state, key: "state", render: (_, row) => <State row={row} /> },
    { title: t.by, dataIndex: "requested_by" },
    { title: t.at, dataIndex: "created_at", render: (at: string) => <Time at={at} /> },
  ];
}

function countsOf(row: Transfer): { done: number; ended: number; total: number } {
  const of = (state: string) => row.counts[state] ?? 0;
  const total = Object.values(row.counts).reduce((sum, count) => sum + count, 0);
  return { done: of("done"), ended: total - of("planned") - of("asked"), total };
}

function Bar({ row }: { row: Transfer }) {
  const { done, ended, total } = countsOf(row);
  const share = (count: number) => (total ? Math.round((100 * count) / total) : 0);
  return (
    <span className="row tight" style={{ flexWrap: "nowrap" }}>
      <Progress
        percent={share(ended)}
        success={{ percent: share(done) }}
        showInfo={false}
        size="small"
        style={{ width: 110 }}
      />
      <span className="num small">
        {done}/{total}
      </span>
    </span>
  );
}

function State({ row }: { row: Transfer }) {
  const t = useT().org.transfers;
  const color = row.state === "done" ? "green" : row.state === "stopped" ? "red" : "blue";
  return (
    <span title={row.error}>
      <Tag color={color}>{labelOf(t.states, row.state)}</Tag>
      {row.error ? <span className="muted small">{row.error}</span> : null}
    </span>
  );
}

function TransferCard({ row }: { row: Transfer }) {
  const staffName = useStaffName();
  return (
    <div className="stack" style={{ gap: 6 }}>
      <div className="spread">
        <span className="strong">
          {staffName(row.account, row.giver)} → {staffName(row.account, row.taker)}
        </span>
        <State row={row} />
      </div>
      <Bar row={row} />
    </div>
  );
}

function Items({ transfer }: { transfer: Transfer }) {
  const t = useT().org.transfers;
  const act = useAct();
  const { modal } = App.useApp();
  const [state, setState] = useState("");
  const path = { transfer_id: transfer.id };
  const items = $api.useQuery("get", "/api/transfers/{transfer_id}/items", {
    params: { path, query: state ? { state } : {} },
  });
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
        dataSource={items.data?.items ?? []}
        loading={items.isLoading}
        pagination={{ pageSize: 20, hideOnSinglePage: true }}
        columns={[
          { title: t.customer, key: "name", render: (_, row) => <ItemName row={row} /> },
          {
            title: t.state,
            dataIndex: "state",
            render: (code: string) => labelOf(t.itemStates, code),
          },
          { title: t.reason, dataIndex: "reason" },
          { title: t.at, key: "at", render: (_, row) => <Time at={row.done_at ?? row.asked_at} /> },
        ]}
      />
    </div>
  );
}

function ItemName({ row }: { row: Item }) {
  const t = useT().org.transfers;
  if (row.customer_id === null) return <span>{`${t.group} ${row.name}`}</span>;
  return <Link to={`/customers/${row.customer_id}`}>{row.name || `#${row.customer_id}`}</Link>;
}
