/** The journey drawn, with how many passed each step. */
import {
  Background,
  Controls,
  type Edge,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import { useMemo } from "react";
import "@xyflow/react/dist/style.css";
import { usePreferences } from "../app/preferences";
import { paletteOf } from "../app/theme";
import { formatInt } from "../kit/format";
import { useIsPhone } from "../kit/screen";
import { labelOf, useLanguage, useT } from "../locale";
import { type Graph, graphOf, type JourneyDefinition, type StepNode } from "./graph";
import type { Journey } from "./JourneyPage";
import { kindColor, kindIcon, useStepText } from "./steps";

const WIDTH = 240;
const COLUMN = 290;
const ROW = 136;

type Count = Journey["nodes"][number];

interface StepData extends Record<string, unknown> {
  node: StepNode;
  count: Count | undefined;
  isChosen: boolean;
}

const nodeTypes = { step: StepBox };

interface CanvasProps {
  definition: JourneyDefinition;
  counts: Count[];
  chosen: string | null;
  onChoose: (id: string) => void;
}

export function Canvas({ definition, counts, chosen, onChoose }: CanvasProps) {
  const t = useT().journeys;
  const { mode } = usePreferences();
  const isPhone = useIsPhone();
  const { nodes, edges, size } = useMemo(() => {
    const graph = graphOf(definition);
    const byId = new Map(counts.map((count) => [count.id, count]));
    const palette = paletteOf(mode);
    const made: Node<StepData>[] = graph.steps.map((step) => ({
      id: step.id,
      type: "step",
      position: { x: step.column * COLUMN, y: step.row * ROW },
      data: { node: step.node, count: byId.get(step.id), isChosen: step.id === chosen },
      draggable: false,
    }));
    const lines: Edge[] = graph.links.map((link) => ({
      id: `${link.from}-${link.branch}`,
      source: link.from,
      target: link.to,
      type: "smoothstep",
      ...(link.branch === "next" ? {} : { label: link.branch === "yes" ? t.yes : t.no }),
      labelStyle: { fill: palette.text, fontSize: 12 },
      labelBgStyle: { fill: palette.panel },
      style: { stroke: link.branch === "no" ? palette.camellia : palette.tea, strokeWidth: 1.6 },
      markerEnd: {
        type: MarkerType.ArrowClosed,
        color: link.branch === "no" ? palette.camellia : palette.tea,
      },
    }));
    return {
      nodes: made,
      edges: lines,
      size: sizeOf(graph),
    };
  }, [definition, counts, chosen, mode, t]);
  return (
    <div style={{ height: heightFor(size, isPhone) }} data-testid="journey-canvas">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colorMode={mode}
        fitView
        fitViewOptions={{ padding: 0.08, maxZoom: 1 }}
        minZoom={0.25}
        nodesConnectable={false}
        nodesDraggable={false}
        zoomOnScroll={false}
        preventScrolling={false}
        onNodeClick={(_, node) => onChoose(node.id)}
      >
        <Background
          gap={22}
          color={paletteOf(mode).line}
          bgColor={mode === "dark" ? "#131b18" : "#fafcf9"}
        />
        {isPhone ? null : <Controls showInteractive={false} />}
      </ReactFlow>
    </div>
  );
}

interface Size {
  width: number;
  height: number;
}

function sizeOf({ steps }: Graph): Size {
  const columns = steps.map((step) => step.column);
  const rows = steps.map((step) => step.row + 1);
  const span = columns.length > 0 ? Math.max(...columns) - Math.min(...columns) : 0;
  return { width: span * COLUMN + WIDTH, height: Math.max(1, ...rows) * ROW };
}

/** On a phone the picture is as wide as the screen and as high as it then is. */
function heightFor({ width, height }: Size, isPhone: boolean): number {
  if (!isPhone) return Math.min(860, Math.max(420, height + 60));
  return Math.max(300, height * Math.min(1, (innerWidth - 60) / width) + 60);
}

function StepBox({ data }: NodeProps<Node<StepData>>) {
  const t = useT().journeys;
  const language = useLanguage();
  const { mode } = usePreferences();
  const text = useStepText();
  const { node, count, isChosen } = data;
  const color = kindColor(node.kind, paletteOf(mode));
  const hidden = { opacity: 0 };
  return (
    <div
      style={{
        width: WIDTH,
        background: "var(--panel)",
        border: `1.5px solid ${isChosen ? color : "var(--line)"}`,
        borderRadius: 12,
        boxShadow: "0 2px 10px rgba(20, 50, 40, .07)",
        cursor: "pointer",
      }}
    >
      <Handle type="target" position={Position.Top} style={hidden} />
      <div className="spread" style={{ padding: "8px 12px 0" }}>
        <span className="strong" style={{ color }}>
          {kindIcon(node.kind)} {labelOf(t.kinds, node.kind)}
        </span>
        {count ? (
          <span className="small num muted">{t.through(formatInt(count.entered, language))}</span>
        ) : null}
      </div>
      <div className="small" style={{ padding: "4px 12px 10px" }}>
        <div className="clamp">{text(node)}</div>
      </div>
      {count && count.waiting > 0 ? (
        <div
          className="small"
          style={{ padding: "4px 12px", borderTop: "1px solid var(--line)", color: "var(--amber)" }}
        >
          {t.waiting(formatInt(count.waiting, language))}
        </div>
      ) : null}
      <Handle type="source" position={Position.Bottom} style={hidden} />
    </div>
  );
}
