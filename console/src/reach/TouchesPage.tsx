/** The ledger. */
import { Descriptions, Drawer, Select, type TableColumnsType } from "antd";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { $api, type Row } from "../api/client";
import { Page } from "../kit/Page";
import { Pager, Records, useCursors } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { Time } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { STATES, TouchState, useCampaignLabel, useChannelLabel, useReason } from "./looks";
import { SummaryBar } from "./SummaryBar";

export type Touch = Row<"/api/touches">;

interface TouchFilters {
  state?: string | undefined;
  channel?: string | undefined;
  campaign?: string | undefined;
}

export default function TouchesPage() {
  const t = useT().reach;
  const [search, setSearch] = useSearchParams();
  const filters: TouchFilters = {
    state: search.get("state") ?? undefined,
    channel: search.get("channel") ?? undefined,
    campaign: search.get("campaign") ?? undefined,
  };
  const change = (next: TouchFilters) => {
    const kept = Object.entries({ ...filters, ...next }).filter(([, value]) => value);
    setSearch(Object.fromEntries(kept) as Record<string, string>, { replace: true });
  };
  return (
    <Page title={t.title} lead={t.lead}>
      <SummaryBar chosen={filters.state} onChoose={(state) => change({ state })} />
      <div>
        <Filters filters={filters} onChange={change} />
        <List key={search.toString()} filters={filters} />
      </div>
    </Page>
  );
}

interface FiltersProps {
  filters: TouchFilters;
  onChange: (filters: TouchFilters) => void;
}

function Filters({ filters, onChange }: FiltersProps) {
  const t = useT().reach;
  const label = useChannelLabel();
  const platforms = $api.useQuery("get", "/api/platforms");
  const channels = (platforms.data?.items ?? []).flatMap((platform) => platform.channels);
  return (
    <div className="filters">
      <Select
        allowClear
        placeholder={t.state}
        aria-label={t.state}
        value={filters.state ?? null}
        options={STATES.map((code) => ({ value: code as string, label: labelOf(t.states, code) }))}
        onChange={(state) => onChange({ state: state ?? undefined })}
      />
      <Select
        allowClear
        placeholder={t.channel}
        aria-label={t.channel}
        value={filters.channel ?? null}
        options={channels.map(({ name }) => ({ value: name, label: label(name) }))}
        onChange={(channel) => onChange({ channel: channel ?? undefined })}
      />
    </div>
  );
}

function List({ filters }: { filters: TouchFilters }) {
  const t = useT().reach;
  const cursors = useCursors();
  const [open, setOpen] = useState<Touch | null>(null);
  const page = $api.useQuery(
    "get",
    "/api/touches",
    { params: { query: { ...filters, cursor: cursors.cursor, limit: 30 } } },
    { placeholderData: (before) => before },
  );
  const columns = useTouchColumns();
  if (page.isError) return <ErrorState error={page.error} onRetry={() => page.refetch()} />;
  const isFiltered = Object.values(filters).some(Boolean);
  return (
    <>
      <Records<Touch>
        rows={page.data?.items}
        rowKey={(row) => row.id}
        columns={columns}
        card={(row) => <TouchCard touch={row} hasName />}
        isLoading={page.isPlaceholderData}
        onOpen={setOpen}
        empty={
          isFiltered ? (
            <EmptyState title={t.emptyFiltered} />
          ) : (
            <EmptyState title={t.empty} hint={t.emptyHint} />
          )
        }
        pager={<Pager cursors={cursors} next={page.data?.next_cursor} />}
        minWidth={980}
      />
      <Drawer title={t.detail} open={open !== null} onClose={() => setOpen(null)} size={480}>
        {open ? <Detail touch={open} /> : null}
      </Drawer>
    </>
  );
}

function useTouchColumns(): TableColumnsType<Touch> {
  const t = useT().reach;
  const label = useChannelLabel();
  const say = useReason();
  const campaignOf = useCampaignLabel();
  return [
    {
      title: t.customer,
      dataIndex: "customer_name",
      width: 120,
      render: (name: string, row) => name || `#${row.customer_id}`,
    },
    {
      title: t.state,
      dataIndex: "state",
      width: 90,
      render: (code: string) => <TouchState code={code} />,
    },
    {
      title: t.reason,
      dataIndex: "reason",
      width: 140,
      render: (code: string) => (
        <span className={code ? "" : "muted"}>{code ? say(code) : "—"}</span>
      ),
    },
    { title: t.channel, dataIndex: "channel", width: 120, render: (code: string) => label(code) },
    {
      title: t.campaign,
      dataIndex: "campaign",
      width: 160,
      ellipsis: true,
      render: (_, row) => (
        <span>
          {campaignOf(row.campaign)} <span className="muted">· {row.step}</span>
        </span>
      ),
    },
    { title: t.text, dataIndex: "text_preview", ellipsis: true, className: "muted" },
    {
      title: t.when,
      dataIndex: "due_at",
      width: 140,
      render: (_, row) => <Time at={row.done_at ?? row.handed_at ?? row.due_at} />,
    },
  ];
}

interface TouchCardProps {
  touch: Touch;
  hasName?: boolean;
}

export function TouchCard({ touch, hasName }: TouchCardProps) {
  const label = useChannelLabel();
  const say = useReason();
  const campaignOf = useCampaignLabel();
  return (
    <div className="stack" style={{ gap: 6 }}>
      <div className="spread">
        <span className="strong clip">
          {hasName ? touch.customer_name || `#${touch.customer_id}` : campaignOf(touch.campaign)}
        </span>
        <TouchState code={touch.state} />
      </div>
      <div className="muted break" style={{ fontSize: 13 }}>
        {touch.text_preview}
      </div>
      <div className="spread muted small">
        <span className="clip">
          {label(touch.channel)}
          {touch.reason ? ` · ${say(touch.reason)}` : ""}
        </span>
        <Time at={touch.done_at ?? touch.handed_at ?? touch.due_at} />
      </div>
    </div>
  );
}

function Detail({ touch }: { touch: Touch }) {
  const t = useT().reach;
  const label = useChannelLabel();
  const say = useReason();
  const campaignOf = useCampaignLabel();
  const items = [
    {
      key: "customer",
      label: t.customer,
      children: (
        <Link to={`/customers/${touch.customer_id}?tab=touches`}>
          {touch.customer_name || `#${touch.customer_id}`}
        </Link>
      ),
    },
    { key: "state", label: t.state, children: <TouchState code={touch.state} /> },
    { key: "reason", label: t.reason, children: say(touch.reason) },
    { key: "channel", label: t.channel, children: `${label(touch.channel)} ${touch.account}` },
    { key: "sender", label: t.sender, children: touch.sender || "—" },
    { key: "purpose", label: t.purpose, children: labelOf(t.purposes, touch.purpose) },
    {
      key: "campaign",
      label: t.campaign,
      children: `${campaignOf(touch.campaign)} · ${touch.step}`,
    },
    { key: "planned", label: t.planned, children: <Time at={touch.planned_at} /> },
    { key: "due", label: t.due, children: <Time at={touch.due_at} /> },
    { key: "handed", label: t.handed, children: <Time at={touch.handed_at} /> },
    { key: "done", label: t.done, children: <Time at={touch.done_at} /> },
    {
      key: "text",
      label: t.text,
      children: <span style={{ whiteSpace: "pre-wrap" }}>{touch.text_preview}</span>,
    },
  ];
  return <Descriptions bordered size="small" column={1} items={items} />;
}
