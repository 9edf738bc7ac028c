/** One ECharts picture, in the console's colours, resized with its box. */
import { BarChart, HeatmapChart, LineChart } from "echarts/charts";
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { usePreferences } from "../app/preferences";
import { FONT, type Palette, paletteOf } from "../app/theme";
import { useIsStill } from "./screen";

use([
  BarChart,
  HeatmapChart,
  LineChart,
  AriaComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
  SVGRenderer,
]);

interface ChartProps {
  height: number;
  label: string;
  option: (palette: Palette) => EChartsCoreOption;
}

export function Chart({ height, label, option }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const { mode } = usePreferences();
  const isStill = useIsStill();
  useEffect(() => {
    if (!box.current) return;
    const palette = paletteOf(mode);
    const chart = init(box.current, undefined, { renderer: "svg" });
    chart.setOption({ ...frameOf(palette), animation: !isStill, ...option(palette) });
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      chart.dispose();
    };
  }, [mode, isStill, option]);
  return <div ref={box} role="img" aria-label={label} style={{ height, width: "100%" }} />;
}

function frameOf(palette: Palette): EChartsCoreOption {
  return {
    color: palette.series,
    textStyle: { fontFamily: FONT, color: palette.muted },
    animationDuration: 400,
    grid: { left: 8, right: 12, top: 36, bottom: 4, outerBoundsMode: "same" },
  };
}

/** Axis and tooltip looks shared by the charts. */
export function axisLook(palette: Palette) {
  return {
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: { color: palette.muted },
    splitLine: { lineStyle: { color: palette.line } },
  };
}

export function tooltipLook(palette: Palette) {
  return {
    backgroundColor: palette.panel,
    borderColor: palette.line,
    textStyle: { color: palette.text, fontSize: 12 },
  };
}
