/** Which templates a customer lets us send, and how often still. */
import { Tag } from "antd";
import { $api } from "../api/client";
import { Answer, EmptyState } from "../kit/States";
import { Time, useAccountLabel } from "../kit/Values";
import { useT } from "../locale";

export function Permits({ customerId }: { customerId: number }) {
  const t = useT().fans.permits;
  const accountLabel = useAccountLabel();
  const permits = $api.useQuery(
    "get",
    "/api/customers/{customer_id}/permits",
    { params: { path: { customer_id: customerId } } },
    { refetchInterval: 10_000 },
  );
  return (
    <Answer query={permits}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState title={t.empty} hint={t.emptyHint} />
        ) : (
          <div className="records">
            {items.map((one) => (
              <div className="record" key={`${one.account}:${one.channel}:${one.template}`}>
                <div className="row" style={{ gap: 8 }}>
                  <Tag color={one.left > 0 ? "green" : "default"}>{t.left(one.left)}</Tag>
                  <span className="break">
                    <code>{one.template}</code>
                  </span>
                  <span className="muted small">{accountLabel(one.account)}</span>
                </div>
                <div className="muted small">
                  {t.counts(one.granted, one.spent, one.withdrawn)} · <Time at={one.heard_at} />
                </div>
              </div>
            ))}
          </div>
        )
      }
    </Answer>
  );
}
