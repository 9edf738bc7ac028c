/** The people in a journey and the way each took. */
import { type TableColumnsType, Tag, Tooltip } from "antd";
import { Link } from "react-router";
import { $api, type Row } from "../api/client";
import { formatTime } from "../kit/format";
import { Pager, Records, useCursors } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { Time } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { journeyOf, type StepNode } from "./graph";
import type { Journey } from "./JourneyPage";

type Entry = Row<"/api/journeys/{journey_id}/entries">;

export function Entries({ journey }: { journey: Journey }) {
  const t = useT().journeys;
  const cursors = useCursors();
  const entries = $api.useQuery(
    "get",
    "/api/journeys/{journey_id}/entries",
    { params: { path: { journey_id: journey.id }, query: { cursor: cursors.cursor, limit: 25 } } },
    { placeholderData: (before) => before },
  );
  const nodes = new Map(journeyOf(journey.definition).nodes.map((node) => [node.id, node]));
  const columns: TableColumnsType<Entry> = [
    {
      title: t.entries.customer,
      key: "customer",
      width: 140,
      render: (_, row) => <Who entry={row} />,
    },
    {
      title: t.entries.state,
      key: "state",
      width: 130,
      render: (_, row) => <EntryState entry={row} />,
    },
    { title: t.entries.path, key: "path", render: (_, row) => <Way entry={row} nodes={nodes} /> },
    {
      title: t.entries.enteredAt,
      dataIndex: "entered_at",
      width: 120,
      render: (at: string) => <Time at={at} />,
    },
    {
      title: t.entries.due,
      dataIndex: "due_at",
      width: 120,
      render: (at: string | null) => <Time at={at} />,
    },
  ];
  if (entries.isError)
    return <ErrorState error={entries.error} onRetry={() => entries.refetch()} />;
  return (
    <Records<Entry>
      rows={entries.data?.items}
      rowKey={(row) => row.id}
      columns={columns}
      isLoading={entries.isPlaceholderData}
      card={(row) => (
        <div className="stack" style={{ gap: 8 }}>
          <div className="spread">
            <Who entry={row} />
            <EntryState entry={row} />
          </div>
          <Way entry={row} nodes={nodes} />
          <div className="spread muted small">
            <Time at={row.entered_at} />
            {row.due_at ? <Time at={row.due_at} /> : null}
          </div>
        </div>
      )}
      empty={<EmptyState title={t.entries.empty} hint={t.entries.emptyHint} />}
      pager={<Pager cursors={cursors} next={entries.data?.next_cursor} />}
      minWidth={820}
    />
  );
}

function Who({ entry }: { entry: Entry }) {
  return (
    <Link to={`/customers/${entry.customer_id}`}>
      {entry.customer_name || `#${entry.customer_id}`}
    </Link>
  );
}

function EntryState({ entry }: { entry: Entry }) {
  const t = useT().journeys;
  if (entry.exit_reason) {
    return (
      <Tag color={entry.exit_reason === "goal" ? "success" : "default"} style={{ margin: 0 }}>
        {labelOf(t.exitWords, entry.exit_reason)}
      </Tag>
    );
  }
  return (
    <Tag color="processing" style={{ margin: 0 }}>
      {labelOf(t.entries.states, entry.state)}
    </Tag>
  );
}

function Way({ entry, nodes }: { entry: Entry; nodes: Map<string, StepNode> }) {
  const t = useT().journeys;
  return (
    <span className="row tight">
      {entry.path.map((step) => (
        <Tooltip
          key={`${step.node}-${step.at}`}
          title={`${formatTime(step.at)} ${labelOf(t.outcomes, step.outcome)}`}
        >
          <Tag style={{ margin: 0 }}>
            {labelOf(t.kinds, nodes.get(step.node)?.kind ?? step.node)}
          </Tag>
        </Tooltip>
      ))}
    </span>
  );
}
