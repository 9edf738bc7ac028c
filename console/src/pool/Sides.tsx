/** The people on both sides of a conflict, enough to tell who they are. */
import { Link } from "react-router";
import type { Row } from "../api/client";
import { Money, Platform, Time } from "../kit/Values";
import { useT } from "../locale";
import { useNamespaceLabel } from "./namespaces";

export type Side = Row<"/api/conflicts">["sides"][number];

const COLUMNS = "repeat(auto-fit, minmax(min(100%, 280px), 1fr))";

export function Sides({ sides }: { sides: Side[] }) {
  return (
    <div style={{ display: "grid", gap: 10, gridTemplateColumns: COLUMNS }}>
      {sides.map((side) => (
        <SideCard key={side.identity_id} side={side} />
      ))}
    </div>
  );
}

function SideCard({ side }: { side: Side }) {
  const t = useT().oneid.queue;
  const words = useT().pool.page;
  const label = useNamespaceLabel();
  return (
    <div className="record stack" style={{ gap: 6, padding: "12px 14px", cursor: "default" }}>
      <div className="spread">
        <span className="break">
          <span className="muted">{label(side.namespace)}</span>{" "}
          <span className="mono strong">{side.value_masked}</span>
        </span>
        <span className="muted small">{t.linked(side.degree)}</span>
      </div>
      <div className="spread">
        <Link to={`/customers/${side.customer_id}?tab=why`}>
          {side.name || words.unnamed} · {t.customer(side.customer_id)}
        </Link>
        <span className="muted small">{t.identities(side.identity_count)}</span>
      </div>
      <div className="row tight small">
        {side.platforms.map((code) => (
          <Platform key={code} code={code} />
        ))}
        <span className="muted">
          {t.orders(side.order_count)} · <Money fen={side.revenue_fen} /> ·{" "}
          <Time at={side.last_seen_at} />
        </span>
      </div>
    </div>
  );
}

/** Both sides in one line, for lists. */
export function SidesLine({ sides }: { sides: Side[] }) {
  const label = useNamespaceLabel();
  return (
    <span className="stack" style={{ gap: 2 }}>
      {sides.map((side) => (
        <Link
          key={side.identity_id}
          to={`/customers/${side.customer_id}?tab=why`}
          className="break"
        >
          {label(side.namespace)} <span className="mono">{side.value_masked}</span>
        </Link>
      ))}
    </span>
  );
}
