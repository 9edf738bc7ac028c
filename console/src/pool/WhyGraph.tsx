/** The evidence graph: hover tells the source, a click chooses a line. */
import { GraphChart } from "echarts/charts";
import { init, use } from "echarts/core";
import { useEffect, useRef } from "react";
import { usePreferences } from "../app/preferences";
import { FONT, paletteOf } from "../app/theme";
import { tooltipLook } from "../kit/Chart";
import { formatTime } from "../kit/format";
import { useIsPhone } from "../kit/screen";
import { useAccountLabel } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { type Graph, graphOption } from "./graph";
import { useNamespaceLabel } from "./namespaces";

use([GraphChart]);
const MANY = 24;

interface WhyGraphProps {
  graph: Graph;
  customerId: number;
  chosen: number | null;
  onChoose: (id: number) => void;
}

export function WhyGraph({ graph, customerId, chosen, onChoose }: WhyGraphProps) {
  const box = useRef<HTMLDivElement>(null);
  const words = useWords();
  const { mode } = usePreferences();
  const isPhone = useIsPhone();
  const t = useT();
  const isCompact = isPhone || graph.nodes.length > MANY;
  const choose = useRef(onChoose);
  choose.current = onChoose;
  const draw = useRef(words);
  draw.current = words;
  useEffect(() => {
    if (!box.current) return;
    const palette = paletteOf(mode);
    const room = { width: box.current.clientWidth, height: box.current.clientHeight };
    const chart = init(box.current, undefined, { renderer: "svg" });
    chart.setOption({
      textStyle: { fontFamily: FONT },
      animation: false,
      ...graphOption(
        {
          graph,
          customerId,
          chosen,
          isCompact,
          words: draw.current,
          tooltip: tooltipLook(palette),
          room,
        },
        palette,
      ),
    });
    chart.on("click", ({ dataType, value }) => {
      if (dataType === "edge" && typeof value === "number") choose.current(value);
    });
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      chart.dispose();
    };
  }, [graph, customerId, chosen, isCompact, mode]);
  const height = Math.min(620, Math.max(300, isCompact ? 380 : 120 + graph.nodes.length * 58));
  return (
    <div>
      <div
        ref={box}
        role="img"
        aria-label={t.pool.why.title}
        data-testid="why-graph"
        style={{ height, width: "100%", background: "var(--soft)", borderRadius: 12 }}
      />
      <LineLegend />
      <div className="muted small">{t.oneid.graph.hint}</div>
    </div>
  );
}

const LINES = [
  ["joined", "2px solid var(--tea)"],
  ["refused", "2px dashed var(--camellia)"],
  ["apart", "2px dotted var(--camellia)"],
  ["retracted", "2px dashed var(--muted)"],
] as const;

function LineLegend() {
  const t = useT().oneid.graph;
  return (
    <div className="row muted small" style={{ gap: 14, margin: "6px 0 2px" }}>
      {LINES.map(([state, line]) => (
        <span key={state} className="row tight">
          <i style={{ width: 26, borderTop: line }} />
          {t[state]}
        </span>
      ))}
    </div>
  );
}

function useWords() {
  const t = useT();
  const label = useNamespaceLabel();
  const account = useAccountLabel();
  const { strong, weak, quarantined, other } = t.oneid.graph;
  return {
    kinds: { strong, weak, quarantined, other },
    node: (node: Graph["nodes"][number]) => `${label(node.namespace)} ${node.value_masked}`,
    edge: (edge: Graph["edges"][number]) =>
      [
        `${labelOf(t.pool.why.states, edge.state)} · ${labelOf(t.pool.evidence, edge.evidence)}`,
        `${account(edge.source)} · ${formatTime(edge.at)}`,
        edge.reason ? labelOf(t.pool.reasons, edge.reason) : "",
      ]
        .filter(Boolean)
        .join("\n"),
  };
}
