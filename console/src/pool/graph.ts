/** The evidence of one person as an ECharts graph. */
import type { EChartsCoreOption } from "echarts/core";
import type { Got } from "../api/client";
import type { Palette } from "../app/theme";
import { type Point, placeNodes } from "./layout";

export type Graph = Got<"/api/customers/{customer_id}/why">;
export type Node = Graph["nodes"][number];
export type Edge = Graph["edges"][number];
export type Kind = "strong" | "weak" | "quarantined" | "other";
export const KINDS: Kind[] = ["strong", "weak", "quarantined", "other"];

export interface GraphWords {
  kinds: Record<Kind, string>;
  node: (node: Node) => string;
  edge: (edge: Edge) => string;
}

/** What a node is to the customer whose page it is on. */
export function kindOf(node: Node, customerId: number): Kind {
  if (node.customer_id !== customerId) return "other";
  if (node.is_quarantined) return "quarantined";
  return node.strength === "strong" ? "strong" : "weak";
}

/** How far edges between the same two bend, so that each can be seen and clicked. */
export function bendsOf(edges: { a: number; b: number }[]): number[] {
  const seen = new Map<string, number>();
  return edges.map(({ a, b }) => {
    const key = `${a}-${b}`;
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    return nth === 0 ? 0 : (nth % 2 === 1 ? 1 : -1) * 0.18 * Math.ceil(nth / 2);
  });
}

interface Drawing {
  graph: Graph;
  customerId: number;
  chosen: number | null;
  isCompact: boolean;
  words: GraphWords;
  tooltip: object;
  room: { width: number; height: number };
}

const MARGIN = { top: 48, bottom: 44, side: 100, narrow: 48 };

/** Places stretched to the room there is, so that circles stay circles. */
function fill(places: Map<number, Point>, room: Drawing["room"]): Map<number, Point> {
  const points = [...places.values()];
  const [left, top] = [Math.min(...points.map((p) => p.x)), Math.min(...points.map((p) => p.y))];
  const wide = Math.max(...points.map((p) => p.x)) - left || 1;
  const high = Math.max(...points.map((p) => p.y)) - top || 1;
  const width = Math.max(80, room.width - 2 * MARGIN.side);
  const height = Math.max(80, room.height - MARGIN.top - MARGIN.bottom);
  return new Map(
    [...places].map(([id, { x, y }]) => [
      id,
      { x: ((x - left) / wide) * width, y: ((y - top) / high) * height },
    ]),
  );
}

export function graphOption(drawing: Drawing, palette: Palette): EChartsCoreOption {
  const { graph, customerId, isCompact, words } = drawing;
  const ids = graph.nodes.map((node) => node.id);
  const places = fill(placeNodes(ids, graph.edges).places, drawing.room);
  const colors = colorsOf(palette);
  const bends = bendsOf(graph.edges);
  return {
    aria: { enabled: true },
    tooltip: { ...drawing.tooltip, confine: true },
    legend: {
      top: 4,
      data: KINDS.map((kind) => words.kinds[kind]),
      textStyle: { color: palette.muted },
      itemHeight: 10,
      itemWidth: 14,
    },
    series: [
      {
        type: "graph",
        layout: isCompact ? "force" : "none",
        force: { repulsion: 220, edgeLength: 90, layoutAnimation: false },
        top: MARGIN.top,
        bottom: MARGIN.bottom,
        left: isCompact ? MARGIN.narrow : MARGIN.side,
        right: isCompact ? MARGIN.narrow : MARGIN.side,
        roam: true,
        draggable: true,
        categories: KINDS.map((kind) => ({
          name: words.kinds[kind],
          itemStyle: { color: colors[kind] },
        })),
        emphasis: { focus: "adjacency" },
        data: graph.nodes.map((node) => ({
          id: String(node.id),
          name: String(node.id),
          ...places.get(node.id),
          category: KINDS.indexOf(kindOf(node, customerId)),
          symbol: "circle",
          symbolSize: isCompact ? 18 : 24,
          label: labelLook(words.node(node), isCompact, palette),
          tooltip: { formatter: () => escapeHtml(words.node(node)) },
        })),
        links: graph.edges.map((edge, place) => ({
          source: String(edge.a),
          target: String(edge.b),
          value: edge.id,
          lineStyle: {
            ...lineLook(edge, palette, edge.id === drawing.chosen),
            curveness: bends[place],
          },
          tooltip: { formatter: () => escapeHtml(words.edge(edge)) },
        })),
      },
    ],
  };
}

function colorsOf(palette: Palette): Record<Kind, string> {
  return {
    strong: palette.tea,
    weak: palette.amber,
    quarantined: palette.camellia,
    other: palette.muted,
  };
}

function labelLook(text: string, isCompact: boolean, palette: Palette) {
  return {
    show: true,
    position: "bottom",
    color: palette.text,
    fontSize: isCompact ? 10 : 12,
    width: isCompact ? 96 : 170,
    overflow: "truncate",
    formatter: () => text,
  };
}

function lineLook(edge: Edge, palette: Palette, isChosen: boolean) {
  const isJoined = edge.state === "joined";
  const color =
    edge.state === "retracted" ? palette.muted : isJoined ? palette.tea : palette.camellia;
  const width = edge.strength === "weak" ? 1.4 : 2.4;
  return {
    color,
    width: isChosen ? 5 : width,
    type: isJoined ? "solid" : edge.state === "apart" ? "dotted" : "dashed",
    opacity: edge.state === "retracted" ? 0.45 : 0.85,
  };
}

function escapeHtml(text: string): string {
  const signs: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  return text.replace(/[&<>]/g, (sign) => signs[sign] ?? sign).replaceAll("\n", "<br/>");
}
