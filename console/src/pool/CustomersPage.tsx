/** Every customer: search, filters, pages. */
import {
  ClearOutlined,
  DownloadOutlined,
  SearchOutlined,
  WarningOutlined,
} from "@ant-design/icons";
import { Avatar, Button, Input, type TableColumnsType } from "antd";
import { useEffect, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useFieldName, useFieldText } from "../fields/value";
import { formatInt } from "../kit/format";
import { Page } from "../kit/Page";
import { Pager, Records, useCursors } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { useStaffName } from "../kit/staff";
import { Money, Platform, Stage, TagList, Time } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { BulkTags } from "./BulkTags";
import { FieldFilter } from "./FieldFilter";
import { FilterSelects } from "./FilterSelects";
import { type CustomerFilters, filtersOf, hasFilters, paramsOf } from "./filters";

type Customer = Row<"/api/customers">;

const PAGE = 25;

export default function CustomersPage() {
  const t = useT().pool.list;
  const language = useLanguage();
  const may = useMay();
  const [search, setSearch] = useSearchParams();
  const filters = filtersOf(search);
  const count = $api.useQuery("get", "/api/customers/count", { params: { query: filters } });
  const change = (next: CustomerFilters) => setSearch(paramsOf(next), { replace: true });
  return (
    <Page
      title={t.title}
      lead={count.data ? t.lead(formatInt(count.data.count, language)) : "…"}
      extra={
        <>
          {may("customer:merge") ? (
            <Link to="/conflicts">
              <Button icon={<WarningOutlined />}>{t.conflicts}</Button>
            </Link>
          ) : null}
          {may("tag:write") ? <BulkTags filters={filters} /> : null}
          {may("customer:export_own") ? (
            <Button icon={<DownloadOutlined />} href={`/api/customers/export.csv?${search}`}>
              {t.export}
            </Button>
          ) : null}
        </>
      }
    >
      <div>
        <Filters filters={filters} onChange={change} />
        <List key={search.toString()} filters={filters} />
      </div>
    </Page>
  );
}

interface FiltersProps {
  filters: CustomerFilters;
  onChange: (filters: CustomerFilters) => void;
}

function Filters({ filters, onChange }: FiltersProps) {
  const t = useT().pool.list;
  const [text, setText] = useState(filters.q ?? "");
  useEffect(() => setText(filters.q ?? ""), [filters.q]);
  const find = () => onChange({ ...filters, q: text.trim() || undefined });
  return (
    <div className="filters">
      <Input
        style={{ flex: "2 1 220px", maxWidth: 360 }}
        prefix={<SearchOutlined className="muted" />}
        placeholder={t.search}
        data-testid="customer-search"
        value={text}
        allowClear
        onChange={(event) => setText(event.target.value)}
        onPressEnter={find}
        onBlur={find}
        onClear={() => onChange({ ...filters, q: undefined })}
      />
      <FieldFilter filters={filters} onChange={onChange} />
      <FilterSelects filters={filters} onChange={onChange} />
      {hasFilters(filters) ? (
        <Button type="text" icon={<ClearOutlined />} onClick={() => onChange({})}>
          {t.clear}
        </Button>
      ) : null}
    </div>
  );
}

function List({ filters }: { filters: CustomerFilters }) {
  const navigate = useNavigate();
  const cursors = useCursors();
  const page = $api.useQuery(
    "get",
    "/api/customers",
    { params: { query: { ...filters, cursor: cursors.cursor, limit: PAGE } } },
    { placeholderData: (before) => before },
  );
  const columns = useColumns();
  if (page.isError) return <ErrorState error={page.error} onRetry={() => page.refetch()} />;
  return (
    <Records<Customer>
      rows={page.data?.items}
      rowKey={(row) => row.id}
      columns={columns}
      card={(row) => <CustomerCard row={row} />}
      isLoading={page.isPlaceholderData}
      onOpen={(row) => navigate(`/customers/${row.id}`)}
      empty={<NoCustomers isFiltered={hasFilters(filters)} />}
      pager={<Pager cursors={cursors} next={page.data?.next_cursor} />}
      minWidth={1080}
    />
  );
}

function NoCustomers({ isFiltered }: { isFiltered: boolean }) {
  const t = useT().pool.list;
  if (isFiltered) return <EmptyState title={t.empty} hint={t.emptyHint} />;
  return (
    <EmptyState
      title={t.none}
      hint={t.noneHint}
      action={
        <Link to="/start">
          <Button type="primary">{t.start}</Button>
        </Link>
      }
    />
  );
}

export function CustomerName({ row }: { row: { name: string; phone_masked: string | null } }) {
  const t = useT().pool.page;
  return (
    <span className="row" style={{ flexWrap: "nowrap" }}>
      <Avatar size={32} style={{ background: "var(--soft)", color: "var(--tea)", flex: "none" }}>
        {(row.name || "?").slice(0, 1)}
      </Avatar>
      <span style={{ minWidth: 0 }}>
        <span className="strong clip" style={{ display: "block" }}>
          {row.name || t.unnamed}
        </span>
        <span className="muted small num">{row.phone_masked ?? ""}</span>
      </span>
    </span>
  );
}

export function useColumns(): TableColumnsType<Customer> {
  const t = useT().pool.list;
  const staffName = useStaffName();
  const listed = useListedColumns();
  return [
    { title: t.name, key: "name", width: 190, render: (_, row) => <CustomerName row={row} /> },
    {
      title: t.stage,
      dataIndex: "stage",
      width: 90,
      render: (code: string) => <Stage code={code} />,
    },
    {
      title: t.platform,
      dataIndex: "platforms",
      width: 180,
      render: (codes: string[]) => (
        <span className="row" style={{ rowGap: 0 }}>
          {codes.map((code) => (
            <Platform key={code} code={code} />
          ))}
        </span>
      ),
    },
    {
      title: t.tag,
      dataIndex: "tags",
      render: (tags: Customer["tags"]) => <TagList tags={tags} limit={3} />,
    },
    ...listed,
    {
      title: t.owner,
      dataIndex: "owner_staff",
      width: 100,
      render: (staff: string) => staffName("", staff) || <span className="muted">—</span>,
    },
    { title: t.orders, dataIndex: "order_count", width: 70, align: "right", className: "num" },
    {
      title: t.revenue,
      dataIndex: "revenue_fen",
      width: 120,
      align: "right",
      render: (fen: number) => <Money fen={fen} />,
    },
    {
      title: t.seen,
      dataIndex: "last_seen_at",
      width: 110,
      render: (at: string | null) => <Time at={at} />,
    },
  ];
}

/** A column for each custom field that is shown in the list. */
function useListedColumns(): TableColumnsType<Customer> {
  const name = useFieldName();
  const text = useFieldText();
  const list = $api.useQuery("get", "/api/custom-fields");
  return (list.data?.items ?? [])
    .map((row) => row.field)
    .filter((field) => field.is_listed && !field.is_archived)
    .map((field) => ({
      title: name(field),
      key: `field-${field.key}`,
      width: 120,
      render: (_: unknown, row: Customer) => (
        <span className="break">{text(field, row.fields[field.key]) || "—"}</span>
      ),
    }));
}

export function CustomerCard({ row }: { row: Customer }) {
  return (
    <div className="stack" style={{ gap: 8 }}>
      <div className="spread">
        <CustomerName row={row} />
        <Stage code={row.stage} />
      </div>
      {row.tags.length > 0 ? <TagList tags={row.tags} limit={4} /> : null}
      <div className="spread muted small">
        <span className="row" style={{ rowGap: 0 }}>
          {row.platforms.map((code) => (
            <Platform key={code} code={code} />
          ))}
        </span>
        <span style={{ whiteSpace: "nowrap" }}>
          {row.order_count > 0 ? <Money fen={row.revenue_fen} /> : <Time at={row.last_seen_at} />}
        </span>
      </div>
    </div>
  );
}
