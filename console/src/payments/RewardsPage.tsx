/** Rewards: asked for, approved by another person, paid once. */
import { DownloadOutlined, PlusOutlined } from "@ant-design/icons";
import { Alert, Button, Card, Segmented, Statistic, type TableColumnsType, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { formatMoney } from "../kit/format";
import { Page } from "../kit/Page";
import { Pager, Records, useCursors } from "../kit/Records";
import { Answer, EmptyState, ErrorState } from "../kit/States";
import { Money, Time } from "../kit/Values";
import { labelOf, useLanguage, useT } from "../locale";
import { LimitsForm } from "./LimitsForm";
import { RewardActions } from "./RewardActions";
import { RewardForm } from "./RewardForm";

export type Reward = Row<"/api/rewards">;

const COLORS: Record<string, string> = {
  requested: "gold",
  approved: "blue",
  sending: "orange",
  waiting: "cyan",
  processing: "blue",
  paid: "green",
  failed: "red",
};

export default function RewardsPage() {
  const t = useT().payments.rewards;
  const may = useMay();
  const [state, setState] = useState("");
  const [isAsking, setAsking] = useState(false);
  const [isLimiting, setLimiting] = useState(false);
  const cursors = useCursors();
  const columns = useColumns();
  const rewards = $api.useQuery(
    "get",
    "/api/rewards",
    { params: { query: { state, cursor: cursors.cursor ?? "", limit: 50 } } },
    { refetchInterval: 10_000 },
  );
  const ask = may("reward:write") ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAsking(true)}>
      {t.request}
    </Button>
  ) : null;
  const extra = (
    <>
      {may("customer:export") ? (
        <Button icon={<DownloadOutlined />} href="/api/rewards/export.csv">
          {t.export}
        </Button>
      ) : null}
      {may("reward:approve") ? <Button onClick={() => setLimiting(true)}>{t.limits}</Button> : null}
      {ask}
    </>
  );
  const choose = (value: string) => {
    setState(value);
    cursors.reset();
  };
  return (
    <Page title={t.title} lead={t.lead} extra={extra}>
      <Books />
      <div style={{ overflowX: "auto" }}>
        <Segmented
          value={state}
          onChange={choose}
          options={[
            { value: "", label: t.all },
            ...["requested", "waiting", "paid", "failed"].map((value) => ({
              value,
              label: labelOf(t.states, value),
            })),
          ]}
        />
      </div>
      {rewards.isError ? (
        <ErrorState error={rewards.error} onRetry={() => rewards.refetch()} />
      ) : (
        <Records<Reward>
          rows={rewards.data?.items}
          rowKey={(row) => row.id}
          columns={columns}
          card={(row) => <RewardCard reward={row} />}
          empty={<EmptyState title={t.empty} hint={t.emptyHint} action={ask} />}
          pager={<Pager cursors={cursors} next={rewards.data?.next_cursor} />}
          minWidth={980}
        />
      )}
      <RewardForm isOpen={isAsking} onClose={() => setAsking(false)} />
      <LimitsForm isOpen={isLimiting} onClose={() => setLimiting(false)} />
    </Page>
  );
}

function Books() {
  const t = useT().payments.rewards.books;
  const language = useLanguage();
  const books = $api.useQuery("get", "/api/rewards/books", {}, { refetchInterval: 15_000 });
  return (
    <Answer query={books} rows={2}>
      {(found) => (
        <Card>
          <div className="row" style={{ gap: 40, flexWrap: "wrap" }}>
            <Statistic title={t.balance} value={formatMoney(-found.balance_fen, language)} />
            <Statistic title={t.transit} value={formatMoney(found.transit_fen, language)} />
            <Statistic title={t.customers} value={formatMoney(found.customers_fen, language)} />
            {found.is_whole ? (
              <Tag color="green">{t.whole}</Tag>
            ) : (
              <Alert type="error" showIcon title={t.broken} />
            )}
          </div>
        </Card>
      )}
    </Answer>
  );
}

function useColumns(): TableColumnsType<Reward> {
  const t = useT().payments.rewards;
  return [
    { title: t.customer, render: (_, row) => <Who reward={row} /> },
    {
      title: t.amount,
      dataIndex: "amount_fen",
      align: "right",
      render: (fen: number) => <Money fen={fen} />,
    },
    { title: t.activity, render: (_, row) => <What reward={row} /> },
    { title: t.by, render: (_, row) => <Person name={row.requested_by} at={row.requested_at} /> },
    { title: t.decided, render: (_, row) => <Person name={row.decided_by} at={row.decided_at} /> },
    { title: t.bill, render: (_, row) => <State reward={row} /> },
    { render: (_, row) => <RewardActions reward={row} /> },
  ];
}

function RewardCard({ reward }: { reward: Reward }) {
  return (
    <div className="stack" style={{ gap: 8 }}>
      <div className="spread">
        <Who reward={reward} />
        <span className="strong">
          <Money fen={reward.amount_fen} />
        </span>
      </div>
      <What reward={reward} />
      <State reward={reward} />
      <Person name={reward.requested_by} at={reward.requested_at} />
      <RewardActions reward={reward} />
    </div>
  );
}

function Who({ reward }: { reward: Reward }) {
  return (
    <Link to={`/customers/${reward.customer_id}`}>
      {reward.customer_name || `#${reward.customer_id}`}
    </Link>
  );
}

function What({ reward }: { reward: Reward }) {
  return (
    <div>
      {reward.activity}
      <div className="muted small">{reward.reason}</div>
    </div>
  );
}

function Person({ name, at }: { name: string; at: string | null | undefined }) {
  if (!name) return <span className="muted">—</span>;
  return (
    <div>
      {name}
      <div className="muted small">
        <Time at={at} />
      </div>
    </div>
  );
}

function State({ reward }: { reward: Reward }) {
  const t = useT().payments.rewards;
  return (
    <div>
      <Tag color={COLORS[reward.state] ?? "default"}>{labelOf(t.states, reward.state)}</Tag>
      {reward.is_doubtful ? <Tag color="red">{t.doubtful}</Tag> : null}
      {reward.error ? <div className="muted small">{reward.error}</div> : null}
      <div className="muted small mono">{reward.bill_no}</div>
    </div>
  );
}
