/** RFM and repurchase. */
import { Card, Progress, Skeleton } from "antd";
import { useMemo } from "react";
import { $api, type Got } from "../api/client";
import { Chart } from "../kit/Chart";
import { formatInt, formatMoneyCompact, formatPercent } from "../kit/format";
import { Page } from "../kit/Page";
import { QueryButton } from "../kit/Sql";
import { Answer, EmptyState } from "../kit/States";
import { labelOf, useLanguage, useT } from "../locale";
import { repurchaseOption, rfmOption } from "./charts";

type Rfm = Got<"/api/insight/rfm">;
type Months = Got<"/api/insight/repurchase">["months"];

export default function InsightPage() {
  const t = useT().insight.page;
  const rfm = $api.useQuery("get", "/api/insight/rfm");
  const repurchase = $api.useQuery("get", "/api/insight/repurchase");
  const query = (name: string | undefined) => (name ? <QueryButton name={name} /> : null);
  return (
    <Page title={t.title} lead={t.lead}>
      <div className="grid two">
        <Card title={t.rfm} extra={query(rfm.data?.query)}>
          <Answer query={rfm} loading={<Skeleton active paragraph={{ rows: 9 }} />}>
            {(data) => <Heat rfm={data} />}
          </Answer>
        </Card>
        <Card title={t.groups} extra={query(rfm.data?.query)}>
          <Answer query={rfm} loading={<Skeleton active paragraph={{ rows: 9 }} />}>
            {(data) => <Groups groups={data.groups} />}
          </Answer>
        </Card>
      </div>
      <Card title={t.repurchase} extra={query(repurchase.data?.query)}>
        <Answer query={repurchase} rows={8}>
          {(data) => <MonthChart months={data.months} />}
        </Answer>
      </Card>
    </Page>
  );
}

function Heat({ rfm }: { rfm: Rfm }) {
  const t = useT().insight.page;
  const language = useLanguage();
  const option = useMemo(() => rfmOption(rfm.cells, t, language), [rfm.cells, t, language]);
  if (rfm.cells.length === 0) return <EmptyState title={t.noOrders} hint={t.noOrdersHint} />;
  return (
    <div className="stack">
      <Chart height={380} label={t.rfm} option={option} />
      <div className="muted small">{t.rfmHint}</div>
    </div>
  );
}

function Groups({ groups }: { groups: Rfm["groups"] }) {
  const t = useT().insight.page;
  const language = useLanguage();
  if (groups.length === 0) return <EmptyState title={t.noOrders} hint={t.noOrdersHint} />;
  return (
    <div className="stack" style={{ gap: 14 }}>
      {groups.map((group) => (
        <div key={group.key}>
          <div className="spread">
            <span className="strong clip">{labelOf(t.groupWords, group.key)}</span>
            <span className="num muted" style={{ whiteSpace: "nowrap" }}>
              {formatInt(group.customers, language)} ·{" "}
              {formatMoneyCompact(group.revenue_fen, language)}
            </span>
          </div>
          <Progress
            percent={group.share * 100}
            format={() => formatPercent(group.share)}
            size="small"
          />
        </div>
      ))}
    </div>
  );
}

function MonthChart({ months }: { months: Months }) {
  const t = useT().insight.page;
  const option = useMemo(() => repurchaseOption(months, t), [months, t]);
  if (months.length === 0) return <EmptyState title={t.noOrders} hint={t.noOrdersHint} />;
  return (
    <>
      <Chart height={320} label={t.repurchase} option={option} />
      {months.some((month) => month.is_partial) ? (
        <div className="muted small">{t.partial}</div>
      ) : null}
    </>
  );
}
