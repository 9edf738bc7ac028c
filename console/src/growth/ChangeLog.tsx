/** What was changed of a code: by whom, when, and what it was before. */
import { Card, Timeline } from "antd";
import { $api, type Got } from "../api/client";
import { Answer } from "../kit/States";
import { Time } from "../kit/Values";
import { labelOf, useT } from "../locale";
import type { LiveCode } from "./CodeCard";

type Change = Got<"/api/live-codes/{code_id}/changes">["items"][number];
type Pair = [before: unknown, after: unknown];

export function ChangeLog({ code }: { code: LiveCode }) {
  const t = useT().growth;
  const log = $api.useQuery("get", "/api/live-codes/{code_id}/changes", {
    params: { path: { code_id: code.id } },
  });
  return (
    <Card title={t.log}>
      <Answer query={log} rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <span className="muted">{t.noLog}</span>
          ) : (
            <Timeline items={items.map((item) => ({ content: <Entry item={item} /> }))} />
          )
        }
      </Answer>
    </Card>
  );
}

function Entry({ item }: { item: Change }) {
  const t = useT().growth;
  const changed = (item.detail.changed ?? {}) as Record<string, Pair>;
  return (
    <div className="break">
      <Time at={item.at} /> · {item.actor} · {labelOf(t.logVerbs, item.verb)}
      {Object.entries(changed).map(([field, pair]) => (
        <div key={field} className="muted small">
          {labelOf(t.logFields, field)}
          <FromTo pair={pair} />
        </div>
      ))}
    </div>
  );
}

/** Plain values are shown; of plans and welcomes it is said only that they changed. */
function FromTo({ pair: [before, after] }: { pair: Pair }) {
  const t = useT().growth;
  const shown = (value: unknown) => {
    if (typeof value === "boolean") return value ? t.yes : t.no;
    return typeof value === "string" ? value || "—" : null;
  };
  const [first, last] = [shown(before), shown(after)];
  return first === null || last === null ? null : `：${first} → ${last}`;
}
