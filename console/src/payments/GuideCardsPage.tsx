/** Guides' cards after payment: who is shown, what came of it, and the daily bills. */
import { PlusOutlined } from "@ant-design/icons";
import { Alert, Button, Card, Switch, type TableColumnsType, Tag } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { formatInt, formatPercent } from "../kit/format";
import { Page } from "../kit/Page";
import { Records } from "../kit/Records";
import { Answer, EmptyState, ErrorState } from "../kit/States";
import { Money } from "../kit/Values";
import { labelOf, useLanguage, useT } from "../locale";
import { GuideForm } from "./GuideForm";

export type CardGuide = Row<"/api/guide-cards">;
type BillCheck = Row<"/api/payments/checks">;

export default function GuideCardsPage() {
  const t = useT().payments.cards;
  const may = useMay();
  const guides = $api.useQuery("get", "/api/guide-cards", {}, { refetchInterval: 20_000 });
  const [editing, setEditing] = useState<CardGuide | "new" | null>(null);
  const add = may("code:write") ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing("new")}>
      {t.add}
    </Button>
  ) : null;
  const columns = useColumns(setEditing);
  return (
    <Page title={t.title} lead={t.lead} extra={add}>
      <Funnel />
      {guides.isError ? (
        <ErrorState error={guides.error} onRetry={() => guides.refetch()} />
      ) : (
        <Records<CardGuide>
          rows={guides.data?.items}
          rowKey={(row) => row.id}
          columns={columns}
          card={(row) => <GuideCard guide={row} />}
          empty={<EmptyState title={t.empty} hint={t.emptyHint} action={add} />}
          minWidth={820}
        />
      )}
      {may("account:read") ? <Bills /> : null}
      <GuideForm guide={editing} onClose={() => setEditing(null)} />
    </Page>
  );
}

function Funnel() {
  const t = useT().payments.cards;
  const language = useLanguage();
  const funnel = $api.useQuery("get", "/api/guide-cards/funnel", {
    params: { query: { days: 30 } },
  });
  return (
    <Card title={t.funnel}>
      <Answer query={funnel} rows={3}>
        {(found) => {
          const steps = [
            ["assigned", found.assigned],
            ["shown", found.shown],
            ["added", found.added],
            ["bought", found.bought],
          ] as const;
          return (
            <div className="stack" style={{ gap: 10 }}>
              {steps.map(([word, count], index) => (
                <Step
                  key={word}
                  label={t[word]}
                  count={formatInt(count, language)}
                  share={found.assigned ? count / found.assigned : 0}
                  from={index > 0 ? rate(count, steps[index - 1]?.[1] ?? 0) : ""}
                />
              ))}
              <div className="muted small">
                {t.addedByCode(found.added_by_code)} · {t.revenue} <Money fen={found.bought_fen} />
              </div>
              {found.unassigned ? (
                <Alert type="warning" showIcon title={t.unassigned(found.unassigned)} />
              ) : null}
              {found.mismatched ? (
                <Alert type="error" showIcon title={t.mismatched(found.mismatched)} />
              ) : null}
            </div>
          );
        }}
      </Answer>
    </Card>
  );
}

interface StepProps {
  label: string;
  count: string;
  share: number;
  from: string;
}

function Step({ label, count, share, from }: StepProps) {
  return (
    <div>
      <div className="spread">
        <span>{label}</span>
        <span>
          <span className="strong num">{count}</span> <span className="muted small">{from}</span>
        </span>
      </div>
      <div style={{ background: "var(--line)", borderRadius: 4, height: 8 }}>
        <div
          style={{
            width: `${Math.min(100, share * 100)}%`,
            background: "var(--ant-color-primary, #07c160)",
            borderRadius: 4,
            height: 8,
          }}
        />
      </div>
    </div>
  );
}

function rate(count: number, before: number): string {
  return before ? formatPercent(count / before) : "";
}

function useColumns(onEdit: (guide: CardGuide) => void): TableColumnsType<CardGuide> {
  const t = useT().payments.cards;
  const may = useMay();
  const number = (value: number) => <span className="num">{value}</span>;
  return [
    { title: t.name, render: (_, row) => <Name guide={row} /> },
    { title: t.store, dataIndex: "store_id" },
    { title: t.assigned, dataIndex: "assigned", align: "right", render: number },
    { title: t.shown, dataIndex: "shown", align: "right", render: number },
    { title: t.added, dataIndex: "added", align: "right", render: number },
    { title: t.bought, dataIndex: "bought", align: "right", render: number },
    { title: t.active, render: (_, row) => <Active guide={row} /> },
    {
      render: (_, row) =>
        may("code:write") ? (
          <Button size="small" onClick={() => onEdit(row)}>
            {t.edit}
          </Button>
        ) : null,
    },
  ];
}

function Name({ guide }: { guide: CardGuide }) {
  return (
    <div>
      {guide.name}
      <div className="muted small mono">{guide.userid}</div>
    </div>
  );
}

function Active({ guide }: { guide: CardGuide }) {
  const t = useT().payments.cards;
  const may = useMay();
  const act = useAct();
  const change = $api.useMutation(
    "patch",
    "/api/guide-cards/{guide_id}",
    act(["/api/guide-cards"]),
  );
  return (
    <Switch
      aria-label={`${t.active} ${guide.name}`}
      checked={guide.is_active}
      disabled={!may("code:write")}
      loading={change.isPending}
      onChange={(is_active) =>
        change.mutate({ params: { path: { guide_id: guide.id } }, body: { is_active } })
      }
    />
  );
}

function GuideCard({ guide }: { guide: CardGuide }) {
  const t = useT().payments.cards;
  return (
    <div className="spread">
      <Name guide={guide} />
      <span className="num">
        {t.shown} {guide.shown} · {t.added} {guide.added}
      </span>
      <Active guide={guide} />
    </div>
  );
}

function Bills() {
  const t = useT().payments.cards;
  const checks = $api.useQuery("get", "/api/payments/checks");
  const columns: TableColumnsType<BillCheck> = [
    { title: t.day, dataIndex: "day" },
    { title: t.payments, render: (_, row) => <Sum count={row.payments} fen={row.paid_fen} /> },
    { title: t.refunds, render: (_, row) => <Sum count={row.refunds} fen={row.refunded_fen} /> },
    { title: t.recovered, dataIndex: "recovered", align: "right" },
    {
      title: t.mismatches,
      render: (_, row) => (row.mismatched.length ? row.mismatched.join(", ") : "0"),
    },
    { render: (_, row) => <BillState check={row} /> },
  ];
  return (
    <section className="stack">
      <div>
        <h2>{t.bills}</h2>
        <p className="muted">{t.billsHint}</p>
      </div>
      <Records<BillCheck>
        rows={checks.data?.items}
        rowKey={(row) => `${row.account}-${row.day}`}
        columns={columns}
        card={(row) => (
          <div className="spread">
            <span className="num">{row.day}</span>
            <Sum count={row.payments} fen={row.paid_fen} />
            <BillState check={row} />
          </div>
        )}
        empty={<EmptyState title={t.billsEmpty} hint={t.billsHint} />}
      />
    </section>
  );
}

function Sum({ count, fen }: { count: number; fen: number }) {
  return (
    <span className="num">
      {count} · <Money fen={fen} />
    </span>
  );
}

function BillState({ check }: { check: BillCheck }) {
  const t = useT().payments.cards;
  const color = check.state === "failed" || check.mismatched.length ? "red" : "green";
  return (
    <span title={check.error}>
      <Tag color={check.state === "empty" ? "default" : color}>
        {labelOf(t.billStates, check.state)}
      </Tag>
    </span>
  );
}
