/** What we said, or decided not to say, to one customer. */
import { $api } from "../api/client";
import { Answer, EmptyState } from "../kit/States";
import { useT } from "../locale";
import { TouchCard } from "./TouchesPage";

export function CustomerTouches({ customerId }: { customerId: number }) {
  const t = useT().reach;
  const touches = $api.useQuery(
    "get",
    "/api/touches",
    { params: { query: { customer_id: customerId, limit: 50 } } },
    { refetchInterval: 10_000 },
  );
  return (
    <Answer query={touches}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState title={t.empty} hint={t.emptyHint} />
        ) : (
          <div className="records">
            {items.map((touch) => (
              <div className="record" key={touch.id}>
                <TouchCard touch={touch} />
              </div>
            ))}
          </div>
        )
      }
    </Answer>
  );
}
