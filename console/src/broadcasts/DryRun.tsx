/** What the dry run found: who would get it, who not and why, quota left, taps, and the phone. */
import { Alert, Card, Statistic } from "antd";
import type { Posted } from "../api/client";
import { formatInt, formatTime } from "../kit/format";
import { useLanguage, useT } from "../locale";
import { useReason } from "../reach/looks";

type Found = Posted<"/api/broadcasts/preview">;

export function DryRun({ found }: { found: Found }) {
  const t = useT().broadcasts.preview;
  const language = useLanguage();
  const left = found.audience - found.allowed;
  return (
    <div className="stack" data-testid="dry-run">
      <div className="grid" style={{ gridTemplateColumns: "repeat(3, 1fr)" }}>
        <Statistic title={t.audience} value={formatInt(found.audience, language)} />
        <Statistic title={t.allowed} value={formatInt(found.allowed, language)} />
        <Statistic title={t.left} value={formatInt(left, language)} />
      </div>
      {found.quiet_until ? (
        <Alert type="info" showIcon title={`${t.quiet} ${formatTime(found.quiet_until)}`} />
      ) : null}
      {found.is_personal ? <Alert type="warning" showIcon title={t.personal} /> : null}
      <Reasons found={found} />
      {found.sender_count > 0 && found.senders[0]?.sender ? (
        <div className="muted small">
          {t.senders(formatInt(found.sender_count, language), formatInt(found.tasks, language))} ·{" "}
          {t.most(found.most_tasks)}
        </div>
      ) : null}
      <Quota found={found} />
    </div>
  );
}

function Reasons({ found }: { found: Found }) {
  const t = useT().broadcasts.preview;
  const language = useLanguage();
  const say = useReason();
  return (
    <Card size="small" title={t.why}>
      {found.reasons.length === 0 ? (
        <span className="muted">{t.nobodyLeft}</span>
      ) : (
        found.reasons.map((row) => (
          <div className="spread" key={row.reason}>
            <span>{say(row.reason)}</span>
            <span className="num strong">{formatInt(row.count, language)}</span>
          </div>
        ))
      )}
    </Card>
  );
}

function Quota({ found }: { found: Found }) {
  const t = useT().broadcasts.preview;
  const language = useLanguage();
  const rows = found.left.slice(0, 8);
  return (
    <Card size="small" title={t.quota}>
      {rows.map((row) => (
        <div className="spread" key={row.left ?? "none"}>
          <span>{row.left === null ? t.quotaNone : t.quotaLeft(row.left)}</span>
          <span className="num strong">{formatInt(row.count, language)}</span>
        </div>
      ))}
    </Card>
  );
}
