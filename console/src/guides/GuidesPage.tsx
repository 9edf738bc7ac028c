/** Guides, stores and regions ranked by what they did; each guide opens his days. */
import { Button, Card, Drawer, Segmented, Skeleton, type TableColumnsType, Tabs, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { $api, type Got, type Row } from "../api/client";
import { formatInt, formatPercent, formatTime } from "../kit/format";
import { Page } from "../kit/Page";
import { Records } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { useStaffName } from "../kit/staff";
import { Money } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { Days } from "./Days";

type Guide = Row<"/api/guides/figures">;
type Place = Row<"/api/stores/figures">;
type Figures = Guide["figures"];

const PERIODS = [1, 7, 30, 90];

export default function GuidesPage() {
  const t = useT().org.ranking;
  const [days, setDays] = useState(30);
  const period = (
    <Segmented
      value={days}
      onChange={setDays}
      options={PERIODS.map((value) => ({ value, label: t.days(value) }))}
    />
  );
  return (
    <Page title={t.title} lead={t.lead} extra={period}>
      <Tabs
        items={[
          { key: "guides", label: t.guides, children: <Guides days={days} /> },
          { key: "stores", label: t.stores, children: <Stores days={days} /> },
          { key: "regions", label: t.regions, children: <Regions days={days} /> },
        ]}
      />
    </Page>
  );
}

function useFigureColumns<T extends { figures: Figures }>(): TableColumnsType<T> {
  const t = useT().org.ranking;
  const language = useLanguage();
  const column = (
    key: keyof Figures,
    title: string,
    show?: (value: number) => React.ReactNode,
  ) => ({
    title,
    key,
    align: "right" as const,
    className: "num",
    sorter: (a: T, b: T) => (a.figures[key] ?? -1) - (b.figures[key] ?? -1),
    render: (_: unknown, row: T) => {
      const value = row.figures[key];
      return value === null ? "—" : show ? show(value) : formatInt(value, language);
    },
  });
  return [
    column("customers", t.customers),
    column("owned", t.owned),
    column("added", t.added, (n) => <span className="up">+{n}</span>),
    column("lost", t.lost, (n) => <span className={n ? "down" : "muted"}>{n ? `−${n}` : 0}</span>),
    column("replied_percent", t.replied, (n) => `${n}%`),
    column("first_reply_minutes", t.reply, t.minutes),
    column("orders", t.orders),
    {
      ...column("revenue_fen", t.revenue, (fen) => <Money fen={fen} />),
      defaultSortOrder: "descend",
    },
    column("conversion", t.conversion, formatPercent),
  ];
}

function Guides({ days }: { days: number }) {
  const t = useT().org.ranking;
  const [shown, setShown] = useState<Guide>();
  const query = $api.useQuery("get", "/api/guides/figures", { params: { query: { days } } });
  const columns: TableColumnsType<Guide> = [
    { title: t.guides, key: "name", render: (_, row) => <GuideName guide={row} /> },
    ...useFigureColumns<Guide>(),
  ];
  if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return (
    <>
      <Records<Guide>
        rows={query.data?.items}
        rowKey={(row) => `${row.account}-${row.staff}`}
        columns={columns}
        card={(row) => <FigureCard head={<GuideName guide={row} />} figures={row.figures} />}
        empty={<EmptyState title={t.empty} hint={t.emptyHint} />}
        onOpen={setShown}
        minWidth={1180}
      />
      <Foot data={query.data} />
      <Drawer
        open={shown !== undefined}
        onClose={() => setShown(undefined)}
        title={shown ? <GuideName guide={shown} /> : null}
        size="large"
      >
        {shown ? <GuideDays guide={shown} days={days} /> : null}
      </Drawer>
    </>
  );
}

function Foot({ data }: { data: Got<"/api/guides/figures"> | undefined }) {
  const t = useT().org.ranking;
  if (!data?.counted_at) return null;
  return (
    <div className="muted small" style={{ marginTop: 10 }}>
      {t.countedAt(formatTime(data.counted_at))}
      {data.items.length < data.total ? ` · ${t.shown(data.items.length, data.total)}` : null}
    </div>
  );
}

function Stores({ days }: { days: number }) {
  const query = $api.useQuery("get", "/api/stores/figures", { params: { query: { days } } });
  return <Places query={query} />;
}

function Regions({ days }: { days: number }) {
  const query = $api.useQuery("get", "/api/regions/figures", { params: { query: { days } } });
  return <Places query={query} />;
}

interface PlacesQuery {
  data: { items: Place[] } | undefined;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
}

function Places({ query }: { query: PlacesQuery }) {
  const t = useT().org;
  const columns: TableColumnsType<Place> = [
    { title: t.ranking.place, dataIndex: "name", className: "strong" },
    { title: t.ranking.staff, dataIndex: "staff", align: "right", className: "num" },
    ...useFigureColumns<Place>(),
  ];
  if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return (
    <Records<Place>
      rows={query.data?.items}
      rowKey={(row) => row.code}
      columns={columns}
      card={(row) => (
        <FigureCard head={<span className="strong">{row.name}</span>} figures={row.figures} />
      )}
      empty={<EmptyState title={t.stores.empty} hint={t.stores.emptyHint} />}
      minWidth={1180}
    />
  );
}

function FigureCard({ head, figures }: { head: React.ReactNode; figures: Figures }) {
  const t = useT().org.ranking;
  const language = useLanguage();
  return (
    <div className="stack" style={{ gap: 8 }}>
      <div className="spread">
        {head}
        <span className="strong">
          <Money fen={figures.revenue_fen} />
        </span>
      </div>
      <div className="spread muted small num">
        <span>
          {t.owned} {formatInt(figures.owned, language)}
        </span>
        <span className="up">+{figures.added}</span>
        <span className="down">−{figures.lost}</span>
        <span>
          {t.orders} {formatInt(figures.orders, language)}
        </span>
      </div>
    </div>
  );
}

function GuideName({ guide }: { guide: Guide }) {
  const t = useT().org;
  const staffName = useStaffName();
  const name = guide.name || staffName(guide.account, guide.staff);
  return (
    <span style={{ minWidth: 0, display: "block" }}>
      <span className="strong clip">
        {name} {guide.is_active ? null : <Tag>{t.ranking.left}</Tag>}
      </span>
      <span className="muted small clip" style={{ display: "block" }}>
        {guide.stores.map((store) => store.name).join("、") || guide.staff}
      </span>
    </span>
  );
}

function GuideDays({ guide, days }: { guide: Guide; days: number }) {
  const t = useT().org.ranking;
  const end = new Date();
  const start = new Date(end.getTime() - (Math.max(days, 7) - 1) * 86_400_000);
  const day = (at: Date) => at.toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
  const query = $api.useQuery("get", "/api/behaviour", {
    params: {
      query: { start: day(start), end: day(end), account: guide.account, staff: guide.staff },
    },
  });
  return (
    <div className="stack">
      <Card size="small" title={t.chart}>
        {query.isError ? (
          <ErrorState error={query.error} onRetry={() => query.refetch()} />
        ) : query.data === undefined ? (
          <Skeleton active title={false} paragraph={{ rows: 5 }} />
        ) : query.data.items.length === 0 ? (
          <EmptyState title={t.noDays} hint={t.noDaysHint} />
        ) : (
          <Days rows={query.data.items} />
        )}
      </Card>
      <Link to={`/customers?owner=${encodeURIComponent(guide.staff)}`}>
        <Button block>{t.seeCustomers}</Button>
      </Link>
    </div>
  );
}
