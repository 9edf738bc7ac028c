/** The cards at the top of the overview; each opens its SQL. */
import type { ReactNode } from "react";
import type { Got } from "../api/client";
import { formatCompact, formatMoneyCompact, formatPercent } from "../kit/format";
import { QueryButton } from "../kit/Sql";
import { useLanguage, useT } from "../locale";

type Overview = Got<"/api/overview">;

export function Kpis({ overview }: { overview: Overview }) {
  const t = useT().insight.overview;
  const language = useLanguage();
  const { kpis, queries } = overview;
  const count = (value: number) => formatCompact(value, language);
  const money = (fen: number) => formatMoneyCompact(fen, language);
  const share = (part: number) => formatPercent(kpis.customers ? part / kpis.customers : 0);
  const per = (fen: number, by: number) => money(by ? Math.round(fen / by) : 0);
  const cards: [title: string, value: string, foot: ReactNode][] = [
    [
      t.kpis.customers,
      count(kpis.customers),
      <>
        <span className="up">▲ {t.feet.added(count(kpis.new_customers))}</span>
        {kpis.lost_customers > 0 ? (
          <span className="down"> ▼ {t.feet.lost(count(kpis.lost_customers))}</span>
        ) : null}
      </>,
    ],
    [t.kpis.reachable, count(kpis.reachable), t.feet.share(share(kpis.reachable))],
    [
      t.kpis.merged_customers,
      count(kpis.merged_customers),
      t.feet.identities(count(kpis.identities)),
    ],
    [t.kpis.buyers, count(kpis.buyers), t.feet.share(share(kpis.buyers))],
    [t.kpis.orders, count(kpis.orders), t.feet.average(per(kpis.revenue_fen, kpis.orders))],
    [
      t.kpis.revenue_fen,
      money(kpis.revenue_fen),
      t.feet.perBuyer(per(kpis.revenue_fen, kpis.buyers)),
    ],
    [t.kpis.repurchase_rate, formatPercent(kpis.repurchase_rate), t.feet.repeat],
    [t.kpis.touches_delivered, count(kpis.touches_delivered), t.feet.delivered],
  ];
  return (
    <div className="grid kpis">
      {cards.map(([title, value, foot]) => (
        <div className="kpi" key={title}>
          <div className="spread">
            <span className="muted clip">{title}</span>
            <QueryButton name={queries.kpis} isCompact />
          </div>
          <div className="value">{value}</div>
          <div className="foot">{foot}</div>
        </div>
      ))}
    </div>
  );
}
