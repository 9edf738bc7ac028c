/** Why these identities are one person: the evidence, drawn. */
import { Alert, Skeleton } from "antd";
import { useState } from "react";
import { $api, type Got } from "../api/client";
import { Answer, EmptyState } from "../kit/States";
import { labelOf, useT } from "../locale";
import { placeNodes } from "./layout";
import { useNamespaceLabel } from "./namespaces";
import { WhyEdges } from "./WhyEdges";

type Graph = Got<"/api/customers/{customer_id}/why">;
export type Edge = Graph["edges"][number];

export function Why({ customerId }: { customerId: number }) {
  const graph = $api.useQuery("get", "/api/customers/{customer_id}/why", {
    params: { path: { customer_id: customerId } },
  });
  return (
    <Answer query={graph} loading={<Skeleton active paragraph={{ rows: 6 }} />}>
      {(data) => <Body graph={data} />}
    </Answer>
  );
}

function Body({ graph }: { graph: Graph }) {
  const t = useT().pool.why;
  const say = useSummary();
  const [chosen, setChosen] = useState<number | null>(null);
  if (graph.nodes.length === 0) return <EmptyState title={t.empty} />;
  return (
    <div className="stack">
      {graph.summary.length > 0 ? (
        <Alert type="info" title={graph.summary.map((code) => <div key={code}>{say(code)}</div>)} />
      ) : null}
      <div className="muted small">{graph.edges.length === 0 ? t.empty : t.lead}</div>
      <Picture graph={graph} chosen={chosen} onChoose={setChosen} />
      <WhyEdges graph={graph} chosen={chosen} onChoose={setChosen} />
    </div>
  );
}

/** `joined:phone+wx_unionid` in words. */
function useSummary(): (code: string) => string {
  const t = useT().pool.why;
  const label = useNamespaceLabel();
  return (code) => {
    const [state = "", pair] = code.split(":");
    if (!pair) return labelOf(t.summary, state);
    const [a = "", b = ""] = pair.split("+");
    const say = t.pair[state as keyof typeof t.pair];
    return say ? say(label(a), label(b)) : code;
  };
}

interface PictureProps {
  graph: Graph;
  chosen: number | null;
  onChoose: (id: number) => void;
}

function Picture({ graph, chosen, onChoose }: PictureProps) {
  const t = useT().pool.why;
  const ids = graph.nodes.map((node) => node.id);
  const { width, height, places } = placeNodes(ids, graph.edges);
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      width="100%"
      role="img"
      aria-label={t.title}
      style={{ background: "var(--soft)", borderRadius: 12 }}
    >
      <title>{t.title}</title>
      {graph.edges.map((edge) => {
        const [a, b] = [places.get(edge.a), places.get(edge.b)];
        if (!a || !b) return null;
        const isChosen = edge.id === chosen;
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the table below offers the same by keyboard
          <g key={edge.id} style={{ cursor: "pointer" }} onClick={() => onChoose(edge.id)}>
            <line x1={a.x} y1={a.y} x2={b.x} y2={b.y} stroke="transparent" strokeWidth={18} />
            <line
              x1={a.x}
              y1={a.y}
              x2={b.x}
              y2={b.y}
              stroke={edge.state === "joined" ? "var(--tea)" : "var(--camellia)"}
              strokeDasharray={edge.state === "joined" ? undefined : "6 5"}
              strokeWidth={isChosen ? 5 : edge.strength === "weak" ? 1.5 : 2.5}
              opacity={isChosen ? 1 : 0.65}
            />
          </g>
        );
      })}
      {graph.nodes.map((node) => {
        const at = places.get(node.id);
        return at ? <Node key={node.id} node={node} x={at.x} y={at.y} /> : null;
      })}
    </svg>
  );
}

interface NodeProps {
  node: Graph["nodes"][number];
  x: number;
  y: number;
}

function Node({ node, x, y }: NodeProps) {
  const label = useNamespaceLabel();
  const isStrong = node.strength === "strong";
  const value = node.value_masked;
  const text = value.length > 20 ? `${value.slice(0, 9)}…${value.slice(-8)}` : value;
  return (
    <g transform={`translate(${x} ${y})`}>
      <rect
        x={-88}
        y={-28}
        width={176}
        height={56}
        rx={12}
        fill="var(--panel)"
        stroke={isStrong ? "var(--tea)" : "var(--line)"}
        strokeWidth={isStrong ? 1.6 : 1}
        strokeDasharray={isStrong ? undefined : "4 4"}
      />
      <text textAnchor="middle" y={-6} fontSize={13} fill="var(--muted)">
        {label(node.namespace)}
      </text>
      <text textAnchor="middle" y={14} fontSize={13} className="mono" fill="var(--text)">
        {text}
      </text>
    </g>
  );
}
