/** Chats and the share of them answered, day by day. */
import { useCallback } from "react";
import type { Row } from "../api/client";
import type { Palette } from "../app/theme";
import { Chart } from "../kit/Chart";
import { useT } from "../locale";

type Day = Row<"/api/behaviour">;

export function Days({ rows }: { rows: Day[] }) {
  const t = useT().org.ranking;
  const option = useCallback(
    (palette: Palette) => ({
      legend: { top: 0, textStyle: { color: palette.muted } },
      tooltip: { trigger: "axis" },
      xAxis: { type: "category", data: rows.map((row) => row.day.slice(5)) },
      yAxis: [
        { type: "value", minInterval: 1 },
        {
          type: "value",
          max: 100,
          axisLabel: { formatter: "{value}%" },
          splitLine: { show: false },
        },
      ],
      series: [
        { name: t.chats, type: "bar", data: rows.map((row) => row.chats) },
        {
          name: t.replied,
          type: "line",
          yAxisIndex: 1,
          connectNulls: true,
          data: rows.map((row) => row.reply_percent),
        },
      ],
    }),
    [rows, t],
  );
  return <Chart height={240} label={t.chart} option={option} />;
}
