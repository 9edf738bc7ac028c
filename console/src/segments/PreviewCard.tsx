/** How many, by which steps, who for example, the sentence and the SQL. */
import { CopyOutlined } from "@ant-design/icons";
import { Alert, App, Avatar, Button, Card, Progress, Spin } from "antd";
import { Link } from "react-router";
import { problemOf } from "../api/problem";
import { formatInt, formatPercent } from "../kit/format";
import { SqlButton } from "../kit/Sql";
import { EmptyState } from "../kit/States";
import { useLanguage, useT } from "../locale";
import type { Definition } from "./definition";
import { Funnel } from "./Funnel";
import type { LivePreview, Preview } from "./preview";
import { sentenceOf } from "./sentence";
import { useTeller } from "./words";

interface PreviewProps {
  definition: Definition;
  preview: LivePreview;
}

export function PreviewCard({ definition, preview }: PreviewProps) {
  const t = useT().segments;
  const { data, error } = preview;
  return (
    <Card
      title={t.result}
      extra={preview.isCounting && !error ? <Spin size="small" /> : null}
      style={{ alignSelf: "start", position: "sticky", top: 72 }}
    >
      <div className="stack">
        {error ? (
          <Alert type="warning" showIcon title={t.invalid} description={problemOf(error).title} />
        ) : data ? (
          <Body data={data} definition={definition} preview={preview} />
        ) : (
          <EmptyState title={t.incomplete} hint={t.emptyHint} />
        )}
        <Sentence definition={definition} />
      </div>
    </Card>
  );
}

export function Sentence({ definition }: { definition: Definition }) {
  const t = useT();
  const { message } = App.useApp();
  const text = sentenceOf(definition.root, useTeller());
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    message.success(t.kit.copied);
  };
  return (
    <div>
      <div className="spread muted small">
        {t.segments.sentence}
        <Button
          type="text"
          size="small"
          icon={<CopyOutlined />}
          aria-label={t.segments.copySentence}
          onClick={copy}
        />
      </div>
      <div data-testid="sentence" className="break">
        {text}
      </div>
    </div>
  );
}

function Body({ data, definition, preview }: PreviewProps & { data: Preview }) {
  const t = useT().segments;
  const language = useLanguage();
  const share = data.total ? data.count / data.total : 0;
  return (
    <>
      <div>
        <div
          className="num up"
          data-testid="live-count"
          aria-live="polite"
          style={{ fontSize: 40, fontWeight: 600, lineHeight: 1.2 }}
        >
          {formatInt(data.count, language)}
        </div>
        <div className="spread muted">
          <span>
            {t.of(formatInt(data.total, language))} · {formatPercent(share)}
          </span>
          <span className="small num">{t.took(Math.round(data.took_ms))}</span>
        </div>
        <Progress percent={share * 100} showInfo={false} size="small" />
        {preview.isWhole ? null : <div className="small down">{t.partial}</div>}
      </div>
      <Funnel definition={definition} preview={preview} />
      <Sample people={data.sample} />
      <div>
        <SqlButton sql={data.sql} />
      </div>
    </>
  );
}

function Sample({ people }: { people: Preview["sample"] }) {
  const t = useT().segments;
  return (
    <div>
      <div className="muted small" style={{ marginBottom: 8 }}>
        {t.sample}
      </div>
      {people.length === 0 ? <span className="muted">{t.noSample}</span> : null}
      <div className="row">
        {people.slice(0, 10).map((person) => (
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
  );
}
