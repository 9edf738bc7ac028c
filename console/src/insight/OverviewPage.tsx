/** How the pool is doing, at a glance. */
import { Alert, Button, Card, Segmented, Skeleton } from "antd";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { $api, type Got } from "../api/client";
import { useMay } from "../core/session";
import { Chart } from "../kit/Chart";
import { formatTime } from "../kit/format";
import { Page } from "../kit/Page";
import { QueryButton } from "../kit/Sql";
import { Answer, EmptyState } from "../kit/States";
import { useIsPhone } from "../kit/screen";
import { useLanguage, useT } from "../locale";
import { growthOption } from "./charts";
import { Flywheel } from "./Flywheel";
import { Kpis } from "./Kpis";
import { Sources } from "./Sources";

type Overview = Got<"/api/overview">;

export default function OverviewPage() {
  const t = useT().insight.overview;
  const [days, setDays] = useState(30);
  const overview = $api.useQuery(
    "get",
    "/api/overview",
    { params: { query: { days } } },
    { refetchInterval: 30_000, placeholderData: (before) => before },
  );
  const choices = [7, 30, 90].map((value) => ({ value, label: t.days(value) }));
  return (
    <Page
      title={t.title}
      lead={overview.data ? t.lead(formatTime(overview.data.as_of)) : "…"}
      extra={<Segmented options={choices} value={days} onChange={setDays} />}
    >
      <SetupHint />
      <Answer query={overview} loading={<Loading />}>
        {(data) => <Body data={data} />}
      </Answer>
    </Page>
  );
}

function Loading() {
  return (
    <div className="stack">
      <div className="grid kpis">
        {["a", "b", "c", "d", "e", "f", "g", "h"].map((key) => (
          <div className="kpi" key={key}>
            <Skeleton active title={false} paragraph={{ rows: 2 }} />
          </div>
        ))}
      </div>
      <Card>
        <Skeleton active paragraph={{ rows: 8 }} />
      </Card>
    </div>
  );
}

function SetupHint() {
  const t = useT().insight.overview;
  const may = useMay();
  const setup = $api.useQuery("get", "/api/setup", {}, { enabled: may("account:read") });
  if (!setup.data || setup.data.steps.every((step) => step.is_done)) return null;
  return (
    <Alert
      type="info"
      showIcon
      title={t.setup}
      action={
        <Link to="/start">
          <Button size="small" type="primary">
            {t.setupGo}
          </Button>
        </Link>
      }
    />
  );
}

function Body({ data }: { data: Overview }) {
  const t = useT().insight.overview;
  return (
    <>
      <Kpis overview={data} />
      <div className="grid wide-right">
        <Card title={t.flywheel} extra={<QueryButton name={data.queries.flywheel} isCompact />}>
          <Flywheel steps={data.flywheel} customers={data.kpis.customers} />
          <div className="muted small">{t.flywheelHint}</div>
        </Card>
        <Card title={t.growth} extra={<QueryButton name={data.queries.growth} isCompact />}>
          <Growth growth={data.growth} />
        </Card>
      </div>
      <Sources sources={data.sources} query={data.queries.sources} />
    </>
  );
}

/** Days before the first customer say nothing; a week is shown at least. */
function sinceFirst(growth: Overview["growth"]): Overview["growth"] {
  const first = growth.findIndex((day) => day.total > 0 || day.added > 0);
  return first < 0
    ? growth.slice(-7)
    : growth.slice(Math.min(first, Math.max(0, growth.length - 7)));
}

function Growth({ growth }: { growth: Overview["growth"] }) {
  const t = useT().insight.overview;
  const language = useLanguage();
  const isPhone = useIsPhone();
  const option = useMemo(
    () => growthOption(sinceFirst(growth), t, language),
    [growth, t, language],
  );
  if (growth.length === 0) return <EmptyState title={t.noGrowth} hint={t.noGrowthHint} />;
  return <Chart height={isPhone ? 260 : 400} label={t.growth} option={option} />;
}
