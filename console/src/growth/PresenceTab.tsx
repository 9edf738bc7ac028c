/** Guides in codes: who takes new customers now. */
import { Card, Switch } from "antd";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { Answer, EmptyState } from "../kit/States";
import { Time } from "../kit/Values";
import { useT } from "../locale";

export function PresenceTab() {
  const t = useT().growth;
  const people = $api.useQuery("get", "/api/live-codes/staff");
  const act = useAct();
  const set = $api.useMutation("post", "/api/live-codes/staff", act(["/api/live-codes"]));
  return (
    <Answer query={people} rows={6}>
      {({ items }) =>
        items.length === 0 ? (
          <Card>
            <EmptyState title={t.noStaff} />
          </Card>
        ) : (
          <Card>
            <div className="stack" style={{ gap: 14 }}>
              <span className="muted">{t.presenceLead}</span>
              {items.map((one) => (
                <div className="spread" key={`${one.account} ${one.staff}`}>
                  <div>
                    <div className="strong">{one.name || one.staff}</div>
                    <div className="muted small">
                      {t.codesOf(one.codes)}
                      {one.since ? (
                        <>
                          {" · "}
                          {t.offline} <Time at={one.since} />
                        </>
                      ) : null}
                    </div>
                  </div>
                  <Switch
                    checked={one.is_online}
                    checkedChildren={t.online}
                    unCheckedChildren={t.offline}
                    aria-label={`${t.online} ${one.name || one.staff}`}
                    onChange={(is_online) =>
                      set.mutate({ body: { account: one.account, staff: one.staff, is_online } })
                    }
                  />
                </div>
              ))}
            </div>
          </Card>
        )
      }
    </Answer>
  );
}
