/** Why a customer is in a segment or not. */
import { CheckCircleFilled, CloseCircleFilled } from "@ant-design/icons";
import { Alert, Card } from "antd";
import { useState } from "react";
import { $api, type Got } from "../api/client";
import { AskCustomer } from "../kit/AskCustomer";
import { formatTime } from "../kit/format";
import { Answer } from "../kit/States";
import { useT, labelOf as wordOf } from "../locale";
import { isGroup, type Node, nodeAt } from "./definition";
import { leafSentence } from "./sentence";
import { useTeller } from "./words";

type Explained = Got<"/api/segments/{segment_id}/explain/{customer_id}">;

export function ExplainMember({ id }: { id: number }) {
  const t = useT().segments;
  const [customer, setCustomer] = useState<number | null>(null);
  return (
    <Card>
      <div className="stack">
        <div className="muted">{t.explainLead}</div>
        <AskCustomer label={t.customers} action={t.explain} onAsk={setCustomer} />
        {customer === null ? null : <ExplainTree key={customer} id={id} customer={customer} />}
      </div>
    </Card>
  );
}

export function ExplainTree({ id, customer }: { id: number; customer: number }) {
  const t = useT().segments;
  const explained = $api.useQuery("get", "/api/segments/{segment_id}/explain/{customer_id}", {
    params: { path: { segment_id: id, customer_id: customer } },
  });
  const labelOf = useLabels(id);
  return (
    <Answer query={explained}>
      {(root) => (
        <div className="stack" data-testid="explanation">
          <Alert
            type={root.holds ? "success" : "warning"}
            showIcon
            title={root.holds ? t.isIn : t.isOut}
            {...(root.next_change_at
              ? { description: `${t.changesAt} ${formatTime(root.next_change_at)}` }
              : {})}
          />
          <Branch node={root} labelOf={labelOf} />
        </div>
      )}
    </Answer>
  );
}

type Branched = Pick<Explained, "label" | "holds" | "actual" | "op"> & {
  path: string;
  children: Branched[];
};

/** The words of a node: of its place in the definition, or the server's for a referred segment. */
function useLabels(id: number): (node: Branched) => string {
  const t = useT().segments;
  const teller = useTeller();
  const segment = $api.useQuery("get", "/api/segments/{segment_id}", {
    params: { path: { segment_id: id } },
  });
  return (node) => {
    const { root } = (segment.data?.definition ?? {}) as { root?: Node };
    const place = node.path
      .replace(/^root\.?/, "")
      .split(".")
      .filter((part) => part !== "children");
    const path = place.filter(Boolean).map(Number);
    const found = root && path.every(Number.isInteger) ? nodeAt(root, path) : undefined;
    if (!found || found.op !== node.op) return node.label;
    return isGroup(found) ? wordOf(t.group, found.op) : leafSentence(found, teller);
  };
}

interface BranchProps {
  node: Branched;
  labelOf: (node: Branched) => string;
}

function Branch({ node, labelOf }: BranchProps) {
  const t = useT().segments;
  return (
    <div>
      <div className="row" style={{ padding: "4px 0", flexWrap: "nowrap", alignItems: "baseline" }}>
        {node.holds ? (
          <CheckCircleFilled style={{ color: "var(--tea)" }} />
        ) : (
          <CloseCircleFilled style={{ color: "var(--camellia)" }} />
        )}
        <span>
          {labelOf(node)}
          {node.actual ? (
            <span className="muted">
              {" "}
              {t.actual}: {node.actual}
            </span>
          ) : null}
        </span>
      </div>
      {node.children.length > 0 ? (
        <div
          style={{
            marginInlineStart: 7,
            paddingInlineStart: 18,
            borderInlineStart: "1px solid var(--line)",
          }}
        >
          {node.children.map((child) => (
            <Branch key={child.path} node={child} labelOf={labelOf} />
          ))}
        </div>
      ) : null}
    </div>
  );
}
