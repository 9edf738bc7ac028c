/** Lost customers: who ended it, after how long; who is told of it. */
import { DownloadOutlined, SettingOutlined } from "@ant-design/icons";
import { Button, DatePicker, Segmented, Select, type TableColumnsType, Tag } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { Link } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { Page } from "../kit/Page";
import { Pager, Records, useCursors } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { useStaffIds, useStaffName } from "../kit/staff";
import { Time } from "../kit/Values";
import { useT } from "../locale";
import { AlertForm } from "./AlertForm";
import { EVERY_LOSS, fileOf, type LossFilter, queryOf } from "./losses";

type Loss = Row<"/api/losses">;

export default function LossesPage() {
  const t = useT().org.losses;
  const may = useMay();
  const [filter, setFilter] = useState(EVERY_LOSS);
  const [isSetting, setSetting] = useState(false);
  const cursors = useCursors();
  const list = $api.useQuery("get", "/api/losses", {
    params: { query: { ...queryOf(filter), cursor: cursors.cursor ?? "" } },
  });
  const columns = useColumns();
  const extra = (
    <>
      {may("customer:export_own") ? (
        <Button icon={<DownloadOutlined />} href={fileOf(filter)} download="losses.csv">
          {t.export}
        </Button>
      ) : null}
      {may("org:write") ? (
        <Button icon={<SettingOutlined />} onClick={() => setSetting(true)}>
          {t.rule}
        </Button>
      ) : null}
    </>
  );
  return (
    <Page title={t.title} lead={t.lead} extra={extra}>
      <div className="row">
        <Filters
          filter={filter}
          onChange={(changed) => {
            setFilter(changed);
            cursors.reset();
          }}
        />
        {list.data ? (
          <span className="muted small" style={{ marginInlineStart: "auto" }}>
            {t.counts(list.data.counts.customers ?? 0, list.data.counts.ours ?? 0)}
          </span>
        ) : null}
      </div>
      {list.isError ? (
        <ErrorState error={list.error} onRetry={() => list.refetch()} />
      ) : (
        <Records<Loss>
          rows={list.data?.items}
          rowKey={(row) => row.id}
          columns={columns}
          card={(row) => <LossCard row={row} />}
          empty={<EmptyState title={t.empty} hint={t.emptyHint} />}
          pager={<Pager cursors={cursors} next={list.data?.next_cursor} />}
        />
      )}
      {isSetting ? <AlertForm onClose={() => setSetting(false)} /> : null}
    </Page>
  );
}

interface FiltersProps {
  filter: LossFilter;
  onChange: (filter: LossFilter) => void;
}

function Filters({ filter, onChange }: FiltersProps) {
  const t = useT().org.losses;
  const staff = useStaffIds();
  const { start, end } = filter;
  return (
    <>
      <Segmented
        value={filter.direction}
        onChange={(direction) => onChange({ ...filter, direction })}
        options={Object.entries(t.directions).map(([value, label]) => ({ value, label }))}
      />
      <Select
        allowClear
        aria-label={t.staff}
        placeholder={t.staff}
        value={filter.staff || null}
        options={staff}
        showSearch={{ optionFilterProp: "label" }}
        onChange={(one) => onChange({ ...filter, staff: one ?? "" })}
        style={{ width: 180 }}
      />
      <DatePicker.RangePicker
        aria-label={t.at}
        value={start && end ? [dayjs(start), dayjs(end)] : null}
        onChange={(days) => {
          const [first, last] = (days ?? []).map((day) => day?.format("YYYY-MM-DD") ?? "");
          onChange({ ...filter, start: first ?? "", end: last ?? "" });
        }}
        style={{ width: 260 }}
      />
    </>
  );
}

function useColumns(): TableColumnsType<Loss> {
  const t = useT().org.losses;
  const staffName = useStaffName();
  return [
    { title: t.customer, key: "customer", render: (_, row) => <Lost row={row} /> },
    { title: t.staff, key: "staff", render: (_, row) => staffName(row.account, row.staff) },
    { title: t.direction, key: "direction", render: (_, row) => <Direction row={row} /> },
    {
      title: t.days,
      dataIndex: "days",
      align: "right",
      className: "num",
      render: (days: number | null) => (days === null ? "—" : t.daysOf(days)),
    },
    { title: t.at, dataIndex: "lost_at", render: (at: string) => <Time at={at} /> },
  ];
}

function Lost({ row }: { row: Loss }) {
  return (
    <Link to={`/customers/${row.customer_id}`} className="strong">
      {row.customer_name || `#${row.customer_id}`}
    </Link>
  );
}

function Direction({ row }: { row: Loss }) {
  const t = useT().org.losses;
  return (
    <Tag color={row.is_ours ? "orange" : "default"}>
      {row.is_ours ? t.directions.ours : t.directions.customer}
    </Tag>
  );
}

function LossCard({ row }: { row: Loss }) {
  const t = useT().org.losses;
  const staffName = useStaffName();
  return (
    <div className="stack" style={{ gap: 6 }}>
      <div className="spread">
        <Lost row={row} />
        <Direction row={row} />
      </div>
      <div className="spread muted small">
        <span>{staffName(row.account, row.staff)}</span>
        <span>{row.days === null ? "" : `${t.days} ${t.daysOf(row.days)}`}</span>
        <Time at={row.lost_at} />
      </div>
    </div>
  );
}
