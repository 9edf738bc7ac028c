/** Take-over: who left with customers or groups, asking for a move, and what became of it. */
import { PlusOutlined, UsergroupAddOutlined } from "@ant-design/icons";
import { Button, Card, Drawer, Progress, type TableColumnsType, Tag } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { Page } from "../kit/Page";
import { Records } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { useStaffName } from "../kit/staff";
import { Time } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { GroupTransferForm } from "./GroupTransferForm";
import { TransferForm } from "./TransferForm";
import { type Transfer, TransferItems } from "./TransferItems";

type Leaver = Row<"/api/transfers/leavers">;

export default function TransfersPage() {
  const t = useT().org.transfers;
  const [giver, setGiver] = useState<string>();
  const [groupGiver, setGroupGiver] = useState<string>();
  const [shownId, setShownId] = useState<number>();
  const list = $api.useQuery("get", "/api/transfers", {}, { refetchInterval: 5_000 });
  const shown = list.data?.items.find((one) => one.id === shownId);
  const columns = useColumns();
  const staffName = useStaffName();
  const namesOf = ({ account, giver: from, taker }: Transfer) =>
    `${staffName(account, from)} → ${staffName(account, taker)}`;
  return (
    <Page
      title={t.title}
      lead={t.lead}
      extra={
        <>
          <Button icon={<UsergroupAddOutlined />} onClick={() => setGroupGiver("")}>
            {t.startGroups}
          </Button>
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setGiver("")}>
            {t.start}
          </Button>
        </>
      }
    >
      <Leavers
        onStart={(one) => setGiver(giverOf(one))}
        onStartGroups={(one) => setGroupGiver(giverOf(one))}
      />
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
          onOpen={(row) => setShownId(row.id)}
        />
      )}
      {giver !== undefined ? (
        <TransferForm
          initial={giver}
          onClose={() => setGiver(undefined)}
          onStarted={(id) => {
            setGiver(undefined);
            setShownId(id);
          }}
        />
      ) : null}
      {groupGiver !== undefined ? (
        <GroupTransferForm
          initial={groupGiver}
          onClose={() => setGroupGiver(undefined)}
          onStarted={(id) => {
            setGroupGiver(undefined);
            setShownId(id);
          }}
        />
      ) : null}
      <Drawer
        open={shown !== undefined}
        onClose={() => setShownId(undefined)}
        size="large"
        title={shown ? namesOf(shown) : t.title}
      >
        {shown ? <TransferItems transfer={shown} /> : null}
      </Drawer>
    </Page>
  );
}

function giverOf(leaver: Leaver): string {
  return `${leaver.account}|${leaver.staff}`;
}

interface LeaversProps {
  onStart: (leaver: Leaver) => void;
  onStartGroups: (leaver: Leaver) => void;
}

function Leavers({ onStart, onStartGroups }: LeaversProps) {
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
                  {one.groups ? ` · ${t.ownGroups(one.groups)}` : ""}
                  {one.waiting ? ` · ${t.waiting(one.waiting)}` : ""}
                </span>
              </span>
              <span className="row tight" style={{ justifyContent: "flex-end" }}>
                {one.groups ? (
                  <Button size="small" onClick={() => onStartGroups(one)}>
                    {t.startGroups}
                  </Button>
                ) : null}
                {one.customers ? (
                  <Button size="small" onClick={() => onStart(one)}>
                    {t.start}
                  </Button>
                ) : null}
              </span>
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
