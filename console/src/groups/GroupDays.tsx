/** Joined and left by day, with how many are there at its end. */
import { Card } from "antd";
import { useCallback } from "react";
import type { Row } from "../api/client";
import type { Palette } from "../app/theme";
import { axisLook, Chart, tooltipLook } from "../kit/Chart";
import { useT } from "../locale";

type Day = Row<"/api/groups/days">;

export function GroupDays({ days }: { days: Day[] }) {
  const t = useT().groups;
  const option = useCallback(
    (palette: Palette) => ({
      legend: { top: 0, textStyle: { color: palette.muted } },
      tooltip: { trigger: "axis", ...tooltipLook(palette) },
      xAxis: {
        type: "category",
        data: days.map((day) => day.day.slice(5)),
        ...axisLook(palette),
      },
      yAxis: [
        { type: "value", minInterval: 1, ...axisLook(palette) },
        { type: "value", minInterval: 1, ...axisLook(palette), splitLine: { show: false } },
      ],
      series: [
        { name: t.joined, type: "bar", stack: "a", data: days.map((day) => day.joined) },
        { name: t.left, type: "bar", stack: "a", data: days.map((day) => -day.left) },
        { name: t.members, type: "line", yAxisIndex: 1, data: days.map((day) => day.members) },
      ],
    }),
    [days, t],
  );
  return (
    <Card>
      <Chart height={220} label={t.chart} option={option} />
    </Card>
  );
}
