/** How many, who for example, and the SQL. */
import { Alert, Avatar, Card, Progress, Spin } from "antd";
import { Link } from "react-router";
import { problemOf } from "../api/problem";
import { formatInt, formatPercent } from "../kit/format";
import { SqlButton } from "../kit/Sql";
import { EmptyState } from "../kit/States";
import { useLanguage, useT } from "../locale";
import type { LivePreview, Preview } from "./preview";

export function PreviewCard({ preview }: { preview: LivePreview }) {
  const t = useT().segments;
  const { data, error } = preview;
  return (
    <Card
      title={t.result}
      extra={preview.isCounting ? <Spin size="small" /> : null}
      style={{ alignSelf: "start", position: "sticky", top: 72 }}
    >
      {error ? (
        <Alert type="warning" showIcon title={t.invalid} description={problemOf(error).title} />
      ) : data ? (
        <Body data={data} />
      ) : (
        <EmptyState title={t.incomplete} hint={t.emptyHint} />
      )}
    </Card>
  );
}

function Body({ data }: { data: Preview }) {
  const t = useT().segments;
  const language = useLanguage();
  const share = data.total ? data.count / data.total : 0;
  return (
    <div className="stack">
      <div>
        <div
          className="num up"
          data-testid="live-count"
          style={{ fontSize: 40, fontWeight: 600, lineHeight: 1.2 }}
        >
          {formatInt(data.count, language)}
        </div>
        <div className="muted">
          {t.of(formatInt(data.total, language))} · {formatPercent(share)}
        </div>
        <Progress percent={share * 100} showInfo={false} size="small" />
      </div>
      <div>
        <div className="muted small" style={{ marginBottom: 8 }}>
          {t.sample}
        </div>
        {data.sample.length === 0 ? <span className="muted">{t.noSample}</span> : null}
        <div className="row">
          {data.sample.slice(0, 10).map((person) => (
            <Link
              key={person.id}
              to={`/customers/${person.id}`}
              className="row tight"
              style={{ color: "inherit" }}
            >
              <Avatar
                size={24}
                style={{ background: "var(--soft)", color: "var(--tea)", fontSize: 12 }}
              >
                {(person.name || "?").slice(0, 1)}
              </Avatar>
              {person.name || `#${person.id}`}
            </Link>
          ))}
        </div>
      </div>
      <div className="spread">
        <SqlButton sql={data.sql} />
        <span className="muted small num">{t.took(Math.round(data.took_ms))}</span>
      </div>
    </div>
  );
}
