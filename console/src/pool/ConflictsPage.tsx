/** Evidence that contradicts, waiting for a person. */
import type { TableColumnsType } from "antd";
import { Link } from "react-router";
import { $api, type Row } from "../api/client";
import { Page } from "../kit/Page";
import { Records } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { Time } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { useNamespaceLabel } from "./namespaces";

type Conflict = Row<"/api/conflicts">;

export default function ConflictsPage() {
  const t = useT().pool;
  const conflicts = $api.useQuery("get", "/api/conflicts");
  const columns: TableColumnsType<Conflict> = [
    {
      title: t.conflicts.sides,
      dataIndex: "sides",
      render: (sides: Conflict["sides"]) => <Sides sides={sides} />,
    },
    {
      title: t.conflicts.reason,
      dataIndex: "kind",
      render: (code: string) => labelOf(t.reasons, code),
    },
    {
      title: t.why.evidence,
      dataIndex: "evidence",
      render: (code: string) => labelOf(t.evidence, code),
    },
    { title: t.conflicts.source, dataIndex: "source", className: "muted" },
    { title: t.conflicts.at, dataIndex: "at", render: (at: string) => <Time at={at} /> },
  ];
  return (
    <Page title={t.conflicts.title} lead={t.conflicts.lead}>
      {conflicts.isError ? (
        <ErrorState error={conflicts.error} onRetry={() => conflicts.refetch()} />
      ) : (
        <Records<Conflict>
          rows={conflicts.data?.items}
          rowKey={(row) => row.id}
          columns={columns}
          card={(row) => (
            <div className="stack" style={{ gap: 6 }}>
              <Sides sides={row.sides} />
              <span className="muted small">
                {labelOf(t.reasons, row.kind)} · <Time at={row.at} />
              </span>
            </div>
          )}
          empty={<EmptyState title={t.conflicts.empty} hint={t.conflicts.emptyHint} />}
        />
      )}
    </Page>
  );
}

function Sides({ sides }: { sides: Conflict["sides"] }) {
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
