/** Source platforms side by side: picture and table. */
import { Card, Segmented, Table, type TableColumnsType } from "antd";
import { useMemo, useState } from "react";
import type { Got } from "../api/client";
import { Chart } from "../kit/Chart";
import { formatCompact, formatInt, formatMoneyCompact, formatPercent } from "../kit/format";
import { QueryButton } from "../kit/Sql";
import { EmptyState } from "../kit/States";
import { Platform, usePlatformLook } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { type SourceMeasure, sourceOption } from "./charts";

type Source = Got<"/api/overview">["sources"][number];

interface SourcesProps {
  sources: Source[];
  query: string;
}

export function Sources({ sources, query }: SourcesProps) {
  const t = useT().insight.overview;
  return (
    <Card title={t.sources} extra={<QueryButton name={query} isCompact />}>
      {sources.length === 0 ? (
        <EmptyState title={t.noSources} hint={t.noGrowthHint} />
      ) : (
        <div className="grid source-grid">
          <SourceChart sources={sources} />
          <SourceTable sources={sources} />
        </div>
      )}
    </Card>
  );
}

function SourceChart({ sources }: { sources: Source[] }) {
  const t = useT().insight.overview;
  const language = useLanguage();
  const look = usePlatformLook();
  const [measure, setMeasure] = useState<SourceMeasure>("customers");
  const rows = sources.map((source) => ({ ...look(source.platform), value: source[measure] }));
  const key = JSON.stringify(rows);
  const option = useMemo(() => {
    const format = (value: number) =>
      measure === "repurchase_rate"
        ? formatPercent(value)
        : measure === "customers"
          ? formatCompact(value, language)
          : formatMoneyCompact(value, language);
    return sourceOption(JSON.parse(key) as typeof rows, format);
  }, [key, measure, language]);
  const choices = [
    { value: "customers" as const, label: t.kpis.customers },
    { value: "revenue_fen" as const, label: t.kpis.revenue_fen },
    { value: "repurchase_rate" as const, label: t.kpis.repurchase_rate },
    { value: "ltv_fen" as const, label: t.ltv },
  ];
  return (
    <div className="stack">
      <div style={{ overflowX: "auto" }}>
        <Segmented size="small" options={choices} value={measure} onChange={setMeasure} />
      </div>
      <Chart height={Math.max(140, sources.length * 46)} label={t.sources} option={option} />
    </div>
  );
}

function SourceTable({ sources }: { sources: Source[] }) {
  const t = useT().insight.overview;
  const language = useLanguage();
  const count = (value: number) => <span className="num">{formatInt(value, language)}</span>;
  const money = (fen: number) => <span className="num">{formatMoneyCompact(fen, language)}</span>;
  const columns: TableColumnsType<Source> = [
    { title: t.source, dataIndex: "platform", render: (code: string) => <Platform code={code} /> },
    {
      title: t.kpis.customers,
      dataIndex: "customers",
      align: "right",
      render: count,
      sorter: (a, b) => a.customers - b.customers,
    },
    { title: t.kpis.reachable, dataIndex: "reachable", align: "right", render: count },
    { title: t.kpis.buyers, dataIndex: "buyers", align: "right", render: count },
    { title: t.kpis.orders, dataIndex: "orders", align: "right", render: count },
    {
      title: t.kpis.revenue_fen,
      dataIndex: "revenue_fen",
      align: "right",
      render: money,
      sorter: (a, b) => a.revenue_fen - b.revenue_fen,
    },
    {
      title: t.kpis.repurchase_rate,
      dataIndex: "repurchase_rate",
      align: "right",
      render: (rate: number) => <span className="num">{formatPercent(rate)}</span>,
      sorter: (a, b) => a.repurchase_rate - b.repurchase_rate,
    },
    {
      title: t.ltv,
      dataIndex: "ltv_fen",
      align: "right",
      render: money,
      sorter: (a, b) => a.ltv_fen - b.ltv_fen,
    },
  ];
  return (
    <Table<Source>
      size="small"
      rowKey="platform"
      columns={columns}
      dataSource={sources}
      pagination={false}
      scroll={{ x: 640 }}
    />
  );
}
