/** Why these identities are one person: the evidence, drawn. */
import { Alert, Skeleton } from "antd";
import { useState } from "react";
import { $api, type Got } from "../api/client";
import { Answer, EmptyState } from "../kit/States";
import { labelOf, useT } from "../locale";
import { useNamespaceLabel } from "./namespaces";
import { WhyEdges } from "./WhyEdges";
import { WhyGraph } from "./WhyGraph";

type Graph = Got<"/api/customers/{customer_id}/why">;
export type Edge = Graph["edges"][number];

export function Why({ customerId }: { customerId: number }) {
  const graph = $api.useQuery("get", "/api/customers/{customer_id}/why", {
    params: { path: { customer_id: customerId } },
  });
  return (
    <Answer query={graph} loading={<Skeleton active paragraph={{ rows: 6 }} />}>
      {(data) => <Body graph={data} customerId={customerId} />}
    </Answer>
  );
}

function Body({ graph, customerId }: { graph: Graph; customerId: number }) {
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
      <WhyGraph graph={graph} customerId={customerId} chosen={chosen} onChoose={setChosen} />
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
