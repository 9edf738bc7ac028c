/** What became of all touches: one bar, and the reasons of those not delivered. */
import { Card, Tooltip } from "antd";
import { $api, type Got } from "../api/client";
import { formatInt, formatPercent } from "../kit/format";
import { Answer } from "../kit/States";
import { labelOf, useLanguage, useT } from "../locale";
import { STATES, stateColor, usePalette, useReason } from "./looks";

type Summary = Got<"/api/touches/summary">;

interface SummaryProps {
  chosen: string | undefined;
  onChoose: (state: string | undefined) => void;
}

export function SummaryBar({ chosen, onChoose }: SummaryProps) {
  const summary = $api.useQuery("get", "/api/touches/summary", {}, { refetchInterval: 15_000 });
  const t = useT().reach;
  return (
    <div className="grid wide-left">
      <Card size="small" title={t.summary}>
        <Answer query={summary} rows={2}>
          {(data) => <Bar states={data.states} chosen={chosen} onChoose={onChoose} />}
        </Answer>
      </Card>
      <Card size="small" title={t.reasons}>
        <Answer query={summary} rows={2}>
          {(data) => <Reasons reasons={data.reasons} />}
        </Answer>
      </Card>
    </div>
  );
}

function Bar({ states, chosen, onChoose }: SummaryProps & { states: Summary["states"] }) {
  const t = useT().reach;
  const language = useLanguage();
  const palette = usePalette();
  const known = STATES.filter((state) => (states[state] ?? 0) > 0);
  const total = known.reduce((sum, state) => sum + (states[state] ?? 0), 0);
  if (total === 0) return <span className="muted">{t.empty}</span>;
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div style={{ display: "flex", height: 16, borderRadius: 8, overflow: "hidden", gap: 2 }}>
        {known.map((state) => (
          <Tooltip
            key={state}
            title={`${labelOf(t.states, state)} ${formatPercent((states[state] ?? 0) / total)}`}
          >
            <div
              style={{
                flex: states[state] ?? 0,
                minWidth: 3,
                background: stateColor(state, palette),
              }}
            />
          </Tooltip>
        ))}
      </div>
      <div className="row" style={{ columnGap: 6 }}>
        {known.map((state) => (
          <button
            key={state}
            type="button"
            onClick={() => onChoose(chosen === state ? undefined : state)}
            style={{
              display: "inline-flex",
              gap: 6,
              alignItems: "center",
              padding: "3px 10px",
              borderRadius: 999,
              border: `1px solid ${chosen === state ? "var(--tea)" : "var(--line)"}`,
              background: chosen === state ? "var(--soft)" : "transparent",
              color: "inherit",
              font: "inherit",
              cursor: "pointer",
            }}
          >
            <i
              style={{
                width: 8,
                height: 8,
                borderRadius: 4,
                background: stateColor(state, palette),
              }}
            />
            {labelOf(t.states, state)}
            <span className="num strong">{formatInt(states[state] ?? 0, language)}</span>
          </button>
        ))}
      </div>
    </div>
  );
}

function Reasons({ reasons }: { reasons: Summary["reasons"] }) {
  const t = useT().reach;
  const language = useLanguage();
  const say = useReason();
  const shown = reasons.filter((row) => row.reason).slice(0, 6);
  if (shown.length === 0) return <span className="muted">{t.noReasons}</span>;
  const most = Math.max(...shown.map((row) => row.count), 1);
  return (
    <div className="stack" style={{ gap: 8 }}>
      {shown.map((row) => (
        <div
          key={row.reason}
          style={{ position: "relative", padding: "2px 8px" }}
          className="spread small"
        >
          <span
            style={{
              position: "absolute",
              inset: 0,
              width: `${(row.count / most) * 100}%`,
              background: "var(--soft)",
              borderRadius: 6,
            }}
          />
          <span style={{ position: "relative" }} className="clip">
            {say(row.reason)}
          </span>
          <span style={{ position: "relative" }} className="num strong">
            {formatInt(row.count, language)}
          </span>
        </div>
      ))}
    </div>
  );
}
