/** How many more messages the platforms let one customer receive. */
import { Card, Progress } from "antd";
import { $api } from "../api/client";
import { Answer } from "../kit/States";
import { Time } from "../kit/Values";
import { useT } from "../locale";
import { useChannelLabel } from "../reach/looks";

export function CustomerQuotas({ customerId }: { customerId: number }) {
  const t = useT().broadcasts.quotas;
  const label = useChannelLabel();
  const quotas = $api.useQuery("get", "/api/customers/{customer_id}/quotas", {
    params: { path: { customer_id: customerId } },
  });
  return (
    <Card size="small" title={t.title} data-testid="customer-quotas">
      <Answer query={quotas} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <span className="muted">{t.empty}</span>
          ) : (
            <div className="stack" style={{ gap: 12 }}>
              {items.map((one) => (
                <div key={`${one.account}/${one.channel}/${one.resets_at}`}>
                  <div className="spread">
                    <span>{label(one.channel)}</span>
                    <span className="strong">{t.left(Math.max(0, one.limit - one.used))}</span>
                  </div>
                  <Progress
                    size="small"
                    showInfo={false}
                    percent={one.limit ? Math.min(100, (one.used / one.limit) * 100) : 0}
                  />
                  <div className="spread muted small">
                    <span>
                      {t.used(one.used, one.limit)}
                      {one.elsewhere ? ` · ${t.elsewhere(one.elsewhere)}` : ""}
                    </span>
                    <span>
                      {t.resets} <Time at={one.resets_at} />
                    </span>
                  </div>
                </div>
              ))}
            </div>
          )
        }
      </Answer>
    </Card>
  );
}
