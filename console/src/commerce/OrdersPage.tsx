/** Every order, newest first. */
import { DownloadOutlined } from "@ant-design/icons";
import { Button, type TableColumnsType } from "antd";
import { Link } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { Page } from "../kit/Page";
import { Pager, Records, useCursors } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { Money, Platform, Time } from "../kit/Values";
import { useT } from "../locale";
import { OrderStatus } from "./CustomerOrders";

type Order = Row<"/api/orders">;

export default function OrdersPage() {
  const t = useT().commerce;
  const may = useMay();
  const cursors = useCursors();
  const orders = $api.useQuery(
    "get",
    "/api/orders",
    { params: { query: { cursor: cursors.cursor, limit: 30 } } },
    { placeholderData: (before) => before },
  );
  const columns: TableColumnsType<Order> = [
    { title: t.orderNo, dataIndex: "order_no", className: "mono" },
    {
      title: t.customer,
      dataIndex: "customer_id",
      render: (id: number | null) => <Owner id={id} />,
    },
    {
      title: t.platform,
      dataIndex: "platform",
      render: (code: string) => <Platform code={code} />,
    },
    { title: t.items, dataIndex: "item_count", align: "right", className: "num" },
    {
      title: t.amount,
      dataIndex: "amount_fen",
      align: "right",
      render: (fen: number) => <Money fen={fen} />,
    },
    {
      title: t.refund,
      dataIndex: "refund_fen",
      align: "right",
      render: (fen: number) => (fen ? <Money fen={fen} /> : "—"),
    },
    { title: t.status, dataIndex: "status", render: (code: string) => <OrderStatus code={code} /> },
    { title: t.placedAt, dataIndex: "placed_at", render: (at: string) => <Time at={at} /> },
  ];
  return (
    <Page
      title={t.title}
      lead={t.lead}
      extra={
        may("customer:export") ? (
          <Button icon={<DownloadOutlined />} href="/api/orders/export.csv">
            {t.export}
          </Button>
        ) : null
      }
    >
      {orders.isError ? (
        <ErrorState error={orders.error} onRetry={() => orders.refetch()} />
      ) : (
        <Records<Order>
          rows={orders.data?.items}
          rowKey={(row) => row.id}
          columns={columns}
          isLoading={orders.isPlaceholderData}
          card={(row) => (
            <div className="stack" style={{ gap: 6 }}>
              <div className="spread">
                <span className="strong mono clip">{row.order_no}</span>
                <OrderStatus code={row.status} />
              </div>
              <div className="spread">
                <Owner id={row.customer_id} />
                <Money fen={row.amount_fen} />
              </div>
              <div className="spread muted small">
                <Platform code={row.platform} />
                <Time at={row.placed_at} />
              </div>
            </div>
          )}
          empty={<EmptyState title={t.empty} hint={t.emptyHint} />}
          pager={<Pager cursors={cursors} next={orders.data?.next_cursor} />}
          minWidth={900}
        />
      )}
    </Page>
  );
}

function Owner({ id }: { id: number | null }) {
  const t = useT();
  if (id === null) return <span className="muted">{t.commerce.nobody}</span>;
  return <Link to={`/customers/${id}`}>{t.pool.page.id(id)}</Link>;
}
