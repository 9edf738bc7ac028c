/** The layers between a plan and a customer's phone, each narrower than the one before. */
import { formatInt, formatPercent } from "../kit/format";
import { useLanguage, useT } from "../locale";
import { usePalette } from "../reach/looks";
import type { Broadcast } from "./looks";

export function Layers({ broadcast }: { broadcast: Broadcast }) {
  const t = useT().broadcasts.detail.layers;
  const language = useLanguage();
  const palette = usePalette();
  const { states } = broadcast.counts;
  const delivered = states.delivered ?? 0;
  const leftOut = (states.suppressed ?? 0) + (states.expired ?? 0);
  const all = Math.max(broadcast.planned_count, broadcast.audience_count);
  const tasked = Math.max(broadcast.counts.in_tasks, delivered);
  const rows = [
    { key: "audience", label: t.audience, count: all },
    {
      key: "allowed",
      label: t.allowed,
      count: broadcast.started_at ? Math.max(tasked, broadcast.planned_count - leftOut) : 0,
    },
    { key: "tasked", label: t.tasked, count: tasked },
    {
      key: "confirmed",
      label: t.confirmed,
      count: Math.max(broadcast.counts.confirmed, delivered),
    },
    { key: "delivered", label: t.delivered, count: delivered },
  ];
  return (
    <div className="stack" style={{ gap: 10 }} data-testid="layers">
      {rows.map((row, index) => (
        <div key={row.key} data-testid={`layer-${row.key}`}>
          <div className="spread small">
            <span>{row.label}</span>
            <span>
              <span className="num strong">{formatInt(row.count, language)}</span>{" "}
              <span className="muted">{all ? formatPercent(row.count / all) : ""}</span>
            </span>
          </div>
          <div style={{ background: "var(--soft)", borderRadius: 6, height: 14 }}>
            <div
              style={{
                width: `${all ? (row.count / all) * 100 : 0}%`,
                height: "100%",
                borderRadius: 6,
                background: palette.tea,
                opacity: 0.45 + index * 0.13,
              }}
            />
          </div>
        </div>
      ))}
    </div>
  );
}
