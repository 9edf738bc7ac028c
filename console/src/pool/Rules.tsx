/** The rules of merging: change, preview what that would do, put in force. */
import { EditOutlined } from "@ant-design/icons";
import { Alert, Button, Card, Skeleton, type TableColumnsType, Tag } from "antd";
import { useState } from "react";
import { $api, type Got } from "../api/client";
import { useAct } from "../kit/act";
import { formatInt } from "../kit/format";
import { Records } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { Time } from "../kit/Values";
import { labelOf, useLanguage, useT } from "../locale";
import { ReasonDialog } from "./ReasonDialog";
import { Rebuild } from "./Rebuild";
import { RuleDrawer } from "./RuleDrawer";
import { type Overrides, type Rule, readLimit, ruleWith } from "./rules";

type Answer = Got<"/api/identity-rules">;

export function Rules({ mayWrite }: { mayWrite: boolean }) {
  const rules = $api.useQuery("get", "/api/identity-rules");
  if (rules.isError) return <ErrorState error={rules.error} onRetry={() => rules.refetch()} />;
  if (!rules.data) return <Skeleton active paragraph={{ rows: 8 }} />;
  return <Editor answer={rules.data} mayWrite={mayWrite} />;
}

function Editor({ answer, mayWrite }: { answer: Answer; mayWrite: boolean }) {
  const t = useT().oneid.rules;
  const [draft, setDraft] = useState<Overrides | null>(null);
  const [editing, setEditing] = useState<string | null>(null);
  const overrides = draft ?? (answer.overrides as Overrides);
  const rows = answer.items.map((rule) => ruleWith(rule, draft?.[rule.name]));
  const chosen = rows.find((rule) => rule.name === editing);
  return (
    <div className="stack">
      <span className="muted">{t.lead}</span>
      <RuleTable rows={rows} draft={draft} onEdit={mayWrite ? setEditing : null} />
      {mayWrite ? <Trial answer={answer} draft={draft} onSettled={() => setDraft(null)} /> : null}
      <Versions versions={answer.versions} />
      {chosen ? (
        <RuleDrawer
          rule={chosen}
          onClose={() => setEditing(null)}
          onReset={() => {
            const { [chosen.name]: _, ...others } = overrides;
            setDraft(others);
            setEditing(null);
          }}
          onDone={(change) => {
            setDraft({ ...overrides, [chosen.name]: { ...overrides[chosen.name], ...change } });
            setEditing(null);
          }}
        />
      ) : null}
    </div>
  );
}

interface RuleTableProps {
  rows: Rule[];
  draft: Overrides | null;
  onEdit: ((name: string) => void) | null;
}

function RuleTable({ rows, draft, onEdit }: RuleTableProps) {
  const t = useT().oneid.rules;
  const language = useLanguage();
  const name = (rule: Rule) => (
    <span>
      {language === "zh" ? rule.zh : rule.en}{" "}
      {rule.changed.length > 0 || draft?.[rule.name] ? <Tag color="gold">{t.changed}</Tag> : null}
    </span>
  );
  const limit = (rule: Rule) => {
    if (rule.is_single_valued) return t.single;
    const found = readLimit(rule.limit);
    return found ? t.limited(found.count, found.days) : t.any;
  };
  const edit = (rule: Rule) =>
    onEdit ? (
      <Button
        size="small"
        type="text"
        icon={<EditOutlined />}
        aria-label={`${t.edit} ${rule.name}`}
        onClick={() => onEdit(rule.name)}
      />
    ) : null;
  const columns: TableColumnsType<Rule> = [
    { title: t.name, key: "name", render: (_, rule) => name(rule) },
    {
      title: t.strength,
      key: "strength",
      render: (_, rule) => (rule.strength === "strong" ? t.strong : t.weak),
    },
    { title: t.limit, key: "limit", render: (_, rule) => limit(rule) },
    { title: t.scope, key: "scope", render: (_, rule) => labelOf(t.scopes, rule.scope) },
    { title: t.degree, dataIndex: "max_degree", align: "right", className: "num" },
    { title: t.priority, dataIndex: "priority", align: "right", className: "num" },
    {
      title: t.identities,
      dataIndex: "identities",
      align: "right",
      className: "num",
      render: (count: number) => formatInt(count, language),
    },
    { title: "", key: "edit", align: "right", render: (_, rule) => edit(rule) },
  ];
  return (
    <Records<Rule>
      rows={rows}
      rowKey={(rule) => rule.name}
      columns={columns}
      minWidth={820}
      card={(rule) => (
        <div className="stack" style={{ gap: 4 }}>
          <div className="spread">
            <span className="strong">{name(rule)}</span>
            {edit(rule)}
          </div>
          <span className="muted small">
            {rule.strength === "strong" ? t.strong : t.weak} · {t.limit} {limit(rule)}
          </span>
          <span className="muted small">
            {labelOf(t.scopes, rule.scope)} · {t.degree} {rule.max_degree} · {t.priority}{" "}
            {rule.priority} · {t.identities} {formatInt(rule.identities, language)}
          </span>
        </div>
      )}
      empty={<EmptyState title={t.noVersions} />}
    />
  );
}

interface TrialProps {
  answer: Answer;
  draft: Overrides | null;
  onSettled: () => void;
}

/** Preview the draft, then put it in force; without a draft, recompute with the present rules. */
function Trial({ answer, draft, onSettled }: TrialProps) {
  const words = useT();
  const t = words.oneid.rules;
  const act = useAct();
  const [shown, setShown] = useState<{ id: number; of: Overrides | null } | null>(null);
  const [isAsking, setAsking] = useState(false);
  const past = $api.useQuery("get", "/api/rebuilds");
  const latest = past.data?.items[0];
  const ask = $api.useMutation("post", "/api/rebuilds", act(["/api/rebuilds"], t.preview));
  const isTried = shown !== null && shown.of === draft;
  const run = (isPreview: boolean, reason: string) =>
    ask.mutate(
      {
        body: {
          is_preview: isPreview,
          overrides: draft as Record<string, Record<string, unknown>> | null,
          reason,
        },
      },
      {
        onSuccess: (row) => {
          setShown({ id: row.id, of: isPreview ? draft : null });
          setAsking(false);
          if (!isPreview) onSettled();
        },
      },
    );
  const count = draft ? countChanges(draft, answer.overrides as Overrides) : 0;
  return (
    <Card size="small">
      <div className="stack">
        {count > 0 ? (
          <Alert
            type="warning"
            title={t.draft(count)}
            action={
              <Button size="small" type="text" onClick={onSettled}>
                {t.discard}
              </Button>
            }
          />
        ) : null}
        <div className="row">
          <Button onClick={() => run(true, "")} loading={ask.isPending}>
            {t.preview}
          </Button>
          <Button type="primary" disabled={!isTried} onClick={() => setAsking(true)}>
            {draft ? t.apply : t.recompute}
          </Button>
          {isTried ? null : <span className="muted small">{t.needPreview}</span>}
        </div>
        {(shown ?? latest) ? <Rebuild id={shown?.id ?? latest?.id ?? 0} /> : null}
      </div>
      <ReasonDialog
        title={draft ? t.apply : t.recompute}
        lead={t.applyLead}
        isOpen={isAsking}
        isPending={ask.isPending}
        onClose={() => setAsking(false)}
        onDone={(reason) => run(false, reason)}
      />
    </Card>
  );
}

function countChanges(draft: Overrides, inForce: Overrides): number {
  const names = new Set([...Object.keys(draft), ...Object.keys(inForce)]);
  return [...names].filter((name) => JSON.stringify(draft[name]) !== JSON.stringify(inForce[name]))
    .length;
}

function Versions({ versions }: { versions: Answer["versions"] }) {
  const t = useT().oneid.rules;
  return (
    <Card size="small" title={t.versions}>
      {versions.length === 0 ? (
        <span className="muted">{t.noVersions}</span>
      ) : (
        <div className="stack" style={{ gap: 8 }}>
          {versions.map((version) => (
            <div key={version.id} className="spread">
              <span className="break">
                <Tag>{labelOf(t.kinds, version.kind)}</Tag> {version.reason}
              </span>
              <span className="muted small">
                {version.by} · <Time at={version.at} />
              </span>
            </div>
          ))}
        </div>
      )}
    </Card>
  );
}
