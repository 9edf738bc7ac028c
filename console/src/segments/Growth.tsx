/** How the segment grew: its size, and who entered and left, day by day. */
import { Card, Segmented, Table } from "antd";
import { useMemo, useState } from "react";
import { $api, type Got } from "../api/client";
import type { Palette } from "../app/theme";
import { axisLook, Chart, tooltipLook } from "../kit/Chart";
import { formatInt } from "../kit/format";
import { Answer } from "../kit/States";
import { labelOf, useLanguage, useT } from "../locale";

type Found = Got<"/api/segments/{segment_id}/growth">;
const SPANS = [7, 30, 90, 365];

export function Growth({ id }: { id: number }) {
  const t = useT().segments;
  const [days, setDays] = useState(30);
  const growth = $api.useQuery("get", "/api/segments/{segment_id}/growth", {
    params: { path: { segment_id: id }, query: { days } },
  });
  return (
    <div className="stack">
      <Card
        title={t.tabs.growth}
        extra={
          <Segmented
            size="small"
            value={days}
            options={SPANS.map((value) => ({ value, label: t.growth.days(value) }))}
            onChange={setDays}
          />
        }
      >
        <Answer query={growth} rows={6}>
          {(found) => <GrowthChart days={found.days} />}
        </Answer>
      </Card>
      {growth.data ? <Causes causes={growth.data.causes} /> : null}
    </div>
  );
}

function GrowthChart({ days }: { days: Found["days"] }) {
  const t = useT().segments;
  const words = t.growth;
  const option = useMemo(
    () => (palette: Palette) => ({
      legend: { textStyle: { color: palette.muted }, top: 0 },
      tooltip: { trigger: "axis", ...tooltipLook(palette) },
      xAxis: {
        type: "category",
        data: days.map((day) => day.date.slice(5)),
        ...axisLook(palette),
      },
      yAxis: [
        { type: "value", minInterval: 1, ...axisLook(palette) },
        { type: "value", minInterval: 1, ...axisLook(palette), splitLine: { show: false } },
      ],
      series: [
        {
          name: words.entered,
          type: "bar",
          stack: "moves",
          yAxisIndex: 1,
          color: palette.amber,
          data: days.map((day) => day.entered),
        },
        {
          name: words.left,
          type: "bar",
          stack: "moves",
          yAxisIndex: 1,
          color: palette.camellia,
          data: days.map((day) => -day.left),
        },
        {
          name: words.size,
          type: "line",
          smooth: true,
          color: palette.tea,
          areaStyle: { opacity: 0.1 },
          showSymbol: days.length < 15,
          data: days.map((day) => day.size),
        },
      ],
    }),
    [days, words],
  );
  return <Chart height={320} label={t.tabs.growth} option={option} />;
}

function Causes({ causes }: { causes: Found["causes"] }) {
  const t = useT().segments;
  const language = useLanguage();
  if (causes.length === 0) return <Card>{t.growth.none}</Card>;
  const number = (count: number) => <span className="num">{formatInt(count, language)}</span>;
  return (
    <Card title={t.growth.causes} styles={{ body: { padding: 0 } }}>
      <Table
        rowKey="cause"
        pagination={false}
        dataSource={causes}
        columns={[
          {
            title: t.growth.cause,
            dataIndex: "cause",
            render: (cause: string) => labelOf(t.causes, cause),
          },
          { title: t.growth.entered, dataIndex: "entered", align: "right", render: number },
          { title: t.growth.left, dataIndex: "left", align: "right", render: number },
        ]}
      />
    </Card>
  );
}
