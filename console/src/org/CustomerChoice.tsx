/** Chooses some of a giver's customers: by name, tag, segment, since when, row by row. */
import { SearchOutlined } from "@ant-design/icons";
import { Button, DatePicker, Input, Table } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { Answer } from "../kit/States";
import { useSettled } from "../kit/settled";
import { Time } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { BelongingSelects } from "../pool/FilterSelects";
import { rechosen } from "./moves";

type Candidate = Row<"/api/transfers/candidates">;

interface Filters {
  q?: string | undefined;
  tag_id?: number | undefined;
  segment_id?: number | undefined;
  /** Days in Shanghai, both included. */
  start?: string | undefined;
  end?: string | undefined;
}

interface CustomerChoiceProps {
  account: string;
  giver: string;
  chosen: number[];
  onChange: (chosen: number[]) => void;
}

export function CustomerChoice({ account, giver, chosen, onChange }: CustomerChoiceProps) {
  const t = useT().org.transfers;
  const [filters, setFilters] = useState<Filters>({});
  const settled = useSettled(filters);
  const found = $api.useQuery(
    "get",
    "/api/transfers/candidates",
    { params: { query: { account, giver, ...settled } } },
    { placeholderData: (before) => before },
  );
  return (
    <div className="stack" style={{ gap: 8, marginTop: 8 }} data-testid="customer-choice">
      <FilterFields filters={filters} onChange={setFilters} />
      <Answer query={found} rows={3}>
        {({ ids, items }) => (
          <Rows
            items={items}
            ids={ids}
            chosen={chosen}
            onChange={onChange}
            isLoading={settled !== filters || found.isPlaceholderData}
          />
        )}
      </Answer>
      <span className="small">{t.chosenCustomers(chosen.length)}</span>
    </div>
  );
}

interface FilterFieldsProps {
  filters: Filters;
  onChange: (filters: Filters) => void;
}

function FilterFields({ filters, onChange }: FilterFieldsProps) {
  const t = useT().org.transfers;
  const { start, end } = filters;
  return (
    <>
      <Input
        allowClear
        prefix={<SearchOutlined className="muted" />}
        placeholder={t.searchCustomers}
        aria-label={t.searchCustomers}
        maxLength={64}
        onChange={(event) => onChange({ ...filters, q: event.target.value.trim() || undefined })}
      />
      <div className="filters" style={{ marginBottom: 0 }}>
        <BelongingSelects
          filters={filters}
          onChange={(some) => onChange({ ...filters, ...some })}
          style={{ flex: 1 }}
        />
      </div>
      <DatePicker.RangePicker
        allowEmpty
        placeholder={[t.friendsFrom, t.friendsUntil]}
        value={[start ? dayjs(start) : null, end ? dayjs(end) : null]}
        onChange={(days) => {
          const [first, last] = (days ?? []).map((day) => day?.format("YYYY-MM-DD"));
          onChange({ ...filters, start: first, end: last });
        }}
      />
    </>
  );
}

interface RowsProps {
  items: Candidate[];
  ids: number[];
  chosen: number[];
  onChange: (chosen: number[]) => void;
  isLoading: boolean;
}

function Rows({ items, ids, chosen, onChange, isLoading }: RowsProps) {
  const t = useT().org.transfers;
  const shown = items.map((one) => one.customer_id);
  return (
    <>
      <span className="row tight">
        <Button
          size="small"
          disabled={isLoading || ids.length === 0}
          onClick={() => onChange(rechosen(chosen, [], ids))}
        >
          {t.chooseAll(ids.length)}
        </Button>
        <Button size="small" disabled={chosen.length === 0} onClick={() => onChange([])}>
          {t.chooseNone}
        </Button>
      </span>
      <Table<Candidate>
        size="small"
        rowKey="customer_id"
        dataSource={items}
        loading={isLoading}
        locale={{ emptyText: t.noCandidates }}
        pagination={{ pageSize: 8, hideOnSinglePage: true, showSizeChanger: false }}
        rowSelection={{
          selectedRowKeys: chosen,
          onChange: (keys) => onChange(rechosen(chosen, shown, keys.map(Number))),
        }}
        columns={[
          { title: t.customer, key: "name", render: (_, row) => <Who row={row} /> },
          {
            title: t.friendsSince,
            key: "since",
            render: (_, row) => <Time at={row.since} />,
          },
          {
            title: t.reason,
            key: "blocked",
            render: (_, row) => (row.blocked ? labelOf(t.blocked, row.blocked) : ""),
          },
        ]}
      />
      {ids.length > items.length ? (
        <span className="muted small">{t.firstCustomers(items.length, ids.length)}</span>
      ) : null}
    </>
  );
}

function Who({ row }: { row: Candidate }) {
  return (
    <>
      <div className="break">{row.name || `#${row.customer_id}`}</div>
      <div className="muted small break">{row.tags.join("、")}</div>
    </>
  );
}
