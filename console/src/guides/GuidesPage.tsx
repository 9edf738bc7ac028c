/** The guides and what they achieved. */
import { Avatar, type TableColumnsType } from "antd";
import { $api, type Row } from "../api/client";
import { formatInt } from "../kit/format";
import { Page } from "../kit/Page";
import { Records } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { Money, useAccountLabel } from "../kit/Values";
import { useLanguage, useT } from "../locale";

type Guide = Row<"/api/guides">;

export default function GuidesPage() {
  const t = useT().guides;
  const language = useLanguage();
  const guides = $api.useQuery("get", "/api/guides");
  const count = (value: number) => <span className="num">{formatInt(value, language)}</span>;
  const columns: TableColumnsType<Guide> = [
    { title: t.staff, dataIndex: "staff", render: (_, row) => <GuideName guide={row} /> },
    {
      title: t.customers,
      dataIndex: "customers",
      align: "right",
      render: count,
      sorter: (a, b) => a.customers - b.customers,
      defaultSortOrder: "descend",
    },
    {
      title: t.added,
      dataIndex: "added_7d",
      align: "right",
      render: (n: number) => <span className="num up">+{n}</span>,
      sorter: (a, b) => a.added_7d - b.added_7d,
    },
    {
      title: t.lost,
      dataIndex: "lost_7d",
      align: "right",
      render: (n: number) => (
        <span className={`num ${n ? "down" : "muted"}`}>{n ? `−${n}` : 0}</span>
      ),
      sorter: (a, b) => a.lost_7d - b.lost_7d,
    },
    {
      title: t.messages,
      dataIndex: "messages_7d",
      align: "right",
      render: count,
      sorter: (a, b) => a.messages_7d - b.messages_7d,
    },
    {
      title: t.orders,
      dataIndex: "orders",
      align: "right",
      render: count,
      sorter: (a, b) => a.orders - b.orders,
    },
    {
      title: t.revenue,
      dataIndex: "revenue_fen",
      align: "right",
      render: (fen: number) => <Money fen={fen} />,
      sorter: (a, b) => a.revenue_fen - b.revenue_fen,
    },
  ];
  return (
    <Page title={t.title} lead={t.lead}>
      {guides.isError ? (
        <ErrorState error={guides.error} onRetry={() => guides.refetch()} />
      ) : (
        <Records<Guide>
          rows={guides.data?.items}
          rowKey={(row) => `${row.account}-${row.staff}`}
          columns={columns}
          card={(row) => (
            <div className="stack" style={{ gap: 8 }}>
              <div className="spread">
                <GuideName guide={row} />
                <span className="strong">
                  <Money fen={row.revenue_fen} />
                </span>
              </div>
              <div className="spread muted small num">
                <span>
                  {t.customers} {formatInt(row.customers, language)}
                </span>
                <span className="up">+{row.added_7d}</span>
                <span className="down">−{row.lost_7d}</span>
                <span>
                  {t.orders} {formatInt(row.orders, language)}
                </span>
              </div>
            </div>
          )}
          empty={<EmptyState title={t.empty} hint={t.emptyHint} />}
          minWidth={860}
        />
      )}
    </Page>
  );
}

function GuideName({ guide }: { guide: Guide }) {
  const account = useAccountLabel();
  return (
    <span className="row" style={{ flexWrap: "nowrap" }}>
      <Avatar size={32} style={{ background: "var(--soft)", color: "var(--tea)", flex: "none" }}>
        {guide.staff.slice(0, 1).toUpperCase()}
      </Avatar>
      <span style={{ minWidth: 0 }}>
        <span className="strong clip" style={{ display: "block" }}>
          {guide.staff}
        </span>
        <span className="muted small clip" style={{ display: "block" }}>
          {account(guide.account)}
        </span>
      </span>
    </span>
  );
}
