/** Every write, who and when; the chain is checked on the spot. */
import { SafetyCertificateOutlined, WarningOutlined } from "@ant-design/icons";
import { type TableColumnsType, Tag } from "antd";
import { $api, type Row } from "../api/client";
import { Page } from "../kit/Page";
import { Pager, Records, useCursors } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { Time } from "../kit/Values";
import { useT } from "../locale";

type Entry = Row<"/api/audit">;

export default function AuditPage() {
  const t = useT().core.audit;
  const cursors = useCursors();
  const audit = $api.useQuery(
    "get",
    "/api/audit",
    { params: { query: { cursor: cursors.cursor ?? "", limit: 50 } } },
    { placeholderData: (before) => before },
  );
  const columns: TableColumnsType<Entry> = [
    { title: t.at, dataIndex: "at", width: 120, render: (at: string) => <Time at={at} /> },
    { title: t.actor, dataIndex: "actor", width: 120, className: "strong" },
    { title: t.verb, dataIndex: "verb", width: 200, className: "mono" },
    { title: t.target, dataIndex: "target", width: 200, className: "mono", ellipsis: true },
    {
      title: t.detail,
      dataIndex: "detail",
      ellipsis: true,
      render: (detail: Entry["detail"]) => <Detail detail={detail} />,
    },
  ];
  return (
    <Page title={t.title} lead={t.lead} extra={<Chain />}>
      {audit.isError ? (
        <ErrorState error={audit.error} onRetry={() => audit.refetch()} />
      ) : (
        <Records<Entry>
          rows={audit.data?.items}
          rowKey={(row) => row.id}
          columns={columns}
          isLoading={audit.isPlaceholderData}
          card={(row) => (
            <div className="stack" style={{ gap: 4 }}>
              <div className="spread">
                <span className="strong">{row.actor}</span>
                <span className="muted small">
                  <Time at={row.at} />
                </span>
              </div>
              <span className="mono break">
                {row.verb} {row.target}
              </span>
              <Detail detail={row.detail} />
            </div>
          )}
          empty={<EmptyState title={t.empty} hint={t.emptyHint} />}
          pager={<Pager cursors={cursors} next={audit.data?.next_cursor} />}
          minWidth={860}
        />
      )}
    </Page>
  );
}

function Detail({ detail }: { detail: Entry["detail"] }) {
  const text = Object.entries(detail)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("  ");
  return <span className="muted small break">{text}</span>;
}

function Chain() {
  const t = useT().core.audit;
  const check = $api.useQuery("get", "/api/audit/check");
  if (!check.data) return null;
  return check.data.is_whole ? (
    <Tag color="success" icon={<SafetyCertificateOutlined />}>
      {t.whole}
    </Tag>
  ) : (
    <Tag color="error" icon={<WarningOutlined />}>
      {t.broken(check.data.broken_id ?? 0)}
    </Tag>
  );
}
