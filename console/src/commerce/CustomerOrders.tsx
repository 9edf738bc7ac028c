/** The orders of one customer. */
import { Tag } from "antd";
import { $api, type Row } from "../api/client";
import { Answer, EmptyState } from "../kit/States";
import { Money, Platform, Time } from "../kit/Values";
import { labelOf, useT } from "../locale";

type Order = Row<"/api/customers/{customer_id}/orders">;

export function CustomerOrders({ customerId }: { customerId: number }) {
  const t = useT().commerce;
  const orders = $api.useQuery("get", "/api/customers/{customer_id}/orders", {
    params: { path: { customer_id: customerId } },
  });
  return (
    <Answer query={orders}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState title={t.none} />
        ) : (
          <div className="records">
            {items.map((order) => (
              <OrderRecord key={order.id} order={order} />
            ))}
          </div>
        )
      }
    </Answer>
  );
}

function OrderRecord({ order }: { order: Order }) {
  return (
    <div className="record">
      <div className="spread">
        <span className="strong mono clip">{order.order_no}</span>
        <OrderStatus code={order.status} />
      </div>
      <div className="spread" style={{ marginTop: 6 }}>
        <span className="muted small row" style={{ columnGap: 12 }}>
          <Platform code={order.platform} />
          <Time at={order.placed_at} />
        </span>
        <span className="strong">
          <Money fen={order.amount_fen} />
          {order.refund_fen > 0 ? (
            <span className="down small">
              {" "}
              −<Money fen={order.refund_fen} />
            </span>
          ) : null}
        </span>
      </div>
      {order.lines.length > 0 ? (
        <div className="muted small break" style={{ marginTop: 6 }}>
          {order.lines.map((line) => `${line.name || line.sku} × ${line.quantity}`).join("，")}
        </div>
      ) : null}
    </div>
  );
}

export function OrderStatus({ code }: { code: string }) {
  const t = useT().commerce;
  const color = code === "paid" ? "success" : code === "cancelled" ? "default" : "warning";
  return (
    <Tag color={color} style={{ margin: 0 }}>
      {labelOf(t.statuses, code)}
    </Tag>
  );
}
