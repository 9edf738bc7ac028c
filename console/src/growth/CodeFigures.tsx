/** Figures of codes: a picture by day, a table by day, guide or code, and the table as CSV. */
import { Button, Card, Segmented, Select, Table } from "antd";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { $api, type Got } from "../api/client";
import { serverNow } from "../app/server_clock";
import { axisLook, Chart, tooltipLook } from "../kit/Chart";
import { formatDay, formatPercent } from "../kit/format";
import { Answer, EmptyState } from "../kit/States";
import { useT } from "../locale";
import { useChoices } from "./choices";
import { optionsOf } from "./PlanFields";

type Figure = Got<"/api/live-codes/figures">["items"][number];
type By = "day" | "staff" | "code";
const SPANS = [7, 14, 30, 90];
const DAY_MS = 86_400_000;

export function CodeFigures({ ids }: { ids: number[] }) {
  const t = useT().growth;
  const [span, setSpan] = useState(14);
  const [by, setBy] = useState<By>("day");
  const [staff, setStaff] = useState("");
  const choices = useChoices(undefined);
  const last = formatDay(new Date(serverNow()).toISOString());
  const first = formatDay(new Date(serverNow() - (span - 1) * DAY_MS).toISOString());
  const query = { first, last, by, staff, ids: ids.join(",") };
  const figures = $api.useQuery("get", "/api/live-codes/figures", { params: { query } });
  const csv = `/api/live-codes/figures.csv?${new URLSearchParams(query)}`;
  return (
    <Card
      title={t.figures}
      extra={
        <span className="row tight">
          <Select
            value={span}
            onChange={setSpan}
            aria-label={t.figures}
            options={SPANS.map((value) => ({ value, label: t.lastDays(value) }))}
          />
          <Button href={csv}>{t.export}</Button>
        </span>
      }
    >
      <div className="stack">
        <div className="row tight">
          <Segmented
            value={by}
            onChange={(value) => setBy(value as By)}
            options={optionsOf(t.by).filter(({ value }) => value !== "code" || ids.length !== 1)}
          />
          <Select
            allowClear
            aria-label={t.ofStaff}
            placeholder={t.allStaff}
            value={staff || null}
            onChange={(value) => setStaff(value ?? "")}
            options={choices.staff}
            showSearch={{ optionFilterProp: "label" }}
            style={{ minWidth: 150 }}
          />
        </div>
        <Answer query={figures} rows={6}>
          {({ items, total }) =>
            total.added + total.lost + total.clicks + total.views === 0 ? (
              <EmptyState title={t.noFigures} />
            ) : (
              <>
                {by === "day" ? <Days items={items} /> : null}
                <FigureTable items={items} total={total} by={by} />
              </>
            )
          }
        </Answer>
      </div>
    </Card>
  );
}

function Days({ items }: { items: Figure[] }) {
  const t = useT().growth.columns;
  const key = JSON.stringify(
    items.map(({ key: day, added, lost, net }) => [day, added, lost, net]),
  );
  const option = useMemo(() => {
    const rows = JSON.parse(key) as [string, number, number, number][];
    return (palette: Parameters<typeof axisLook>[0]) => ({
      tooltip: { trigger: "axis", ...tooltipLook(palette) },
      legend: { top: 0, textStyle: { color: palette.muted } },
      xAxis: { type: "category", data: rows.map(([day]) => day.slice(5)), ...axisLook(palette) },
      yAxis: { type: "value", minInterval: 1, ...axisLook(palette) },
      series: [
        { name: t.added, type: "bar", data: rows.map((row) => row[1]) },
        { name: t.lost, type: "bar", data: rows.map((row) => -row[2]) },
        { name: t.net, type: "line", data: rows.map((row) => row[3]) },
      ],
    });
  }, [key, t]);
  return <Chart height={260} label={`${t.added} / ${t.lost}`} option={option} />;
}

function FigureTable({ items, total, by }: { items: Figure[]; total: Figure; by: By }) {
  const words = useT().growth;
  const t = words.columns;
  const kept = (share: number, due: number) => (due ? formatPercent(share / due) : "—");
  const rows = [...(by === "day" ? [...items].reverse() : items), { ...total, key: words.total }];
  return (
    <Table
      size="small"
      rowKey="key"
      dataSource={rows}
      pagination={{ pageSize: 16, hideOnSinglePage: true }}
      scroll={{ x: 760 }}
      columns={[
        { title: t.key[by], render: (_, row) => <Key row={row} by={by} total={words.total} /> },
        { title: t.added, dataIndex: "added" },
        { title: t.lost, dataIndex: "lost" },
        { title: t.net, dataIndex: "net" },
        { title: t.spoke, dataIndex: "spoke" },
        { title: t.kept_1, render: (_, row) => kept(row.kept_1, row.due_1) },
        { title: t.kept_7, render: (_, row) => kept(row.kept_7, row.due_7) },
        { title: t.kept_30, render: (_, row) => kept(row.kept_30, row.due_30) },
        { title: t.clicks, dataIndex: "clicks" },
        { title: t.views, dataIndex: "views" },
      ]}
    />
  );
}

/** The day, or the code or guide by name. */
function Key({ row, by, total }: { row: Figure; by: By; total: string }) {
  const name = row.name || row.key;
  return by === "code" && row.key !== total ? (
    <Link to={`/live-codes/${row.key}`}>{name}</Link>
  ) : (
    name
  );
}
