/** ECharts options of the insight pages. */
import type { EChartsCoreOption } from "echarts/core";
import type { Got } from "../api/client";
import type { Palette } from "../app/theme";
import { axisLook, tooltipLook } from "../kit/Chart";
import { formatCompact, formatInt, formatPercent, type Language } from "../kit/format";
import type { Words } from "../locale";

type Overview = Got<"/api/overview">;
type Month = Got<"/api/insight/repurchase">["months"][number];
type Cell = Got<"/api/insight/rfm">["cells"][number];

export function growthOption(
  growth: Overview["growth"],
  t: Words["insight"]["overview"],
  language: Language,
): (palette: Palette) => EChartsCoreOption {
  return (palette) => ({
    tooltip: { trigger: "axis", ...tooltipLook(palette) },
    legend: { top: 0, right: 0, textStyle: { color: palette.muted }, itemHeight: 8, itemWidth: 14 },
    xAxis: {
      type: "category",
      data: growth.map((day) => day.date.slice(5, 10)),
      ...axisLook(palette),
    },
    yAxis: [
      { type: "value", ...axisLook(palette), axisLabel: compactLabel(palette, language) },
      {
        type: "value",
        scale: true,
        ...axisLook(palette),
        splitLine: { show: false },
        axisLabel: compactLabel(palette, language),
      },
    ],
    series: [
      {
        name: t.added,
        type: "bar",
        stack: "day",
        data: growth.map((day) => day.added),
        color: palette.tea,
        barMaxWidth: 14,
        itemStyle: { borderRadius: [3, 3, 0, 0] },
      },
      {
        name: t.lost,
        type: "bar",
        stack: "day",
        data: growth.map((day) => -day.lost),
        color: palette.camellia,
        barMaxWidth: 14,
      },
      {
        name: t.total,
        type: "line",
        yAxisIndex: 1,
        data: growth.map((day) => day.total),
        color: palette.amber,
        showSymbol: false,
        smooth: true,
        lineStyle: { width: 2.5 },
      },
    ],
  });
}

function compactLabel(palette: Palette, language: Language) {
  return { color: palette.muted, formatter: (value: number) => formatCompact(value, language) };
}

export type SourceMeasure = "customers" | "revenue_fen" | "repurchase_rate" | "ltv_fen";

export function sourceOption(
  rows: { label: string; color: string; value: number }[],
  format: (value: number) => string,
): (palette: Palette) => EChartsCoreOption {
  return (palette) => ({
    tooltip: {
      trigger: "axis",
      axisPointer: { type: "shadow" },
      valueFormatter: (value: unknown) => format(Number(value)),
      ...tooltipLook(palette),
    },
    grid: { left: 8, right: 64, top: 8, bottom: 4, outerBoundsMode: "same" },
    xAxis: { type: "value", show: false },
    yAxis: {
      type: "category",
      inverse: true,
      data: rows.map((row) => row.label),
      ...axisLook(palette),
      axisLine: { show: false },
    },
    series: [
      {
        type: "bar",
        barMaxWidth: 22,
        data: rows.map((row) => ({
          value: row.value,
          itemStyle: { color: row.color, borderRadius: [0, 5, 5, 0] },
        })),
        label: {
          show: true,
          position: "right",
          color: palette.text,
          formatter: ({ value }: { value: number }) => format(value),
        },
      },
    ],
  });
}

export function rfmOption(
  cells: Cell[],
  t: Words["insight"]["page"],
  language: Language,
): (palette: Palette) => EChartsCoreOption {
  const scores = ["1", "2", "3", "4", "5"];
  const most = Math.max(1, ...cells.map((cell) => cell.customers));
  return (palette) => ({
    tooltip: {
      ...tooltipLook(palette),
      formatter: ({ value }: { value: [number, number, number] }) =>
        `R${value[0] + 1} · F${value[1] + 1}<br/>${t.customers} ${formatInt(value[2], language)}`,
    },
    grid: { left: 8, right: 8, top: 8, bottom: 64, outerBoundsMode: "same" },
    xAxis: {
      type: "category",
      data: scores,
      name: t.recency,
      nameLocation: "middle",
      nameGap: 26,
      ...axisLook(palette),
      axisLine: { show: false },
    },
    yAxis: {
      type: "category",
      data: scores,
      name: t.frequency,
      nameLocation: "middle",
      nameGap: 28,
      ...axisLook(palette),
      axisLine: { show: false },
    },
    visualMap: {
      min: 0,
      max: most,
      calculable: false,
      orient: "horizontal",
      left: "center",
      bottom: 0,
      itemHeight: 140,
      itemWidth: 12,
      inRange: { color: [palette.soft, palette.stages[0], palette.tea] },
      textStyle: { color: palette.muted },
    },
    series: [
      {
        type: "heatmap",
        data: cells.map((cell) => ({
          value: [cell.r - 1, cell.f - 1, cell.customers],
          label: { color: cell.customers > most * 0.6 ? "#ffffff" : palette.text },
        })),
        label: {
          show: true,
          color: palette.text,
          fontSize: 11,
          formatter: ({ value }: { value: [number, number, number] }) =>
            formatCompact(value[2], language),
        },
        itemStyle: { borderColor: palette.panel, borderWidth: 3, borderRadius: 6 },
      },
    ],
  });
}

export function repurchaseOption(
  months: Month[],
  t: Words["insight"]["page"],
): (palette: Palette) => EChartsCoreOption {
  return (palette) => ({
    tooltip: { trigger: "axis", ...tooltipLook(palette) },
    legend: { top: 0, right: 0, textStyle: { color: palette.muted }, itemHeight: 8, itemWidth: 14 },
    xAxis: {
      type: "category",
      data: months.map((month) => (month.is_partial ? `${month.month} *` : month.month)),
      ...axisLook(palette),
    },
    yAxis: [
      { type: "value", ...axisLook(palette) },
      {
        type: "value",
        ...axisLook(palette),
        splitLine: { show: false },
        axisLabel: { color: palette.muted, formatter: (value: number) => formatPercent(value) },
      },
    ],
    series: [
      {
        name: t.buyers,
        type: "bar",
        data: months.map((month) => month.buyers),
        color: palette.stages[0],
        barMaxWidth: 18,
        itemStyle: { borderRadius: [3, 3, 0, 0] },
      },
      {
        name: t.repeat,
        type: "bar",
        data: months.map((month) => month.repeat_buyers),
        color: palette.tea,
        barMaxWidth: 18,
        itemStyle: { borderRadius: [3, 3, 0, 0] },
      },
      {
        name: t.rate,
        type: "line",
        yAxisIndex: 1,
        data: months.map((month) => month.rate),
        color: palette.camellia,
        smooth: true,
        symbolSize: 6,
        tooltip: { valueFormatter: (value: unknown) => formatPercent(Number(value)) },
      },
    ],
  });
}
