/** The list of codes or links, with filters and changes to many. */
import { PlusOutlined } from "@ant-design/icons";
import { Alert, Button, Card, Input, Select, Switch } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { useMay } from "../core/session";
import { Answer, EmptyState } from "../kit/States";
import { useAccountLabel } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { BatchBar } from "./BatchBar";
import { CodeCard, type LiveCode } from "./CodeCard";
import { CodeForm, type CodeFormFor } from "./CodeForm";
import { CodeGroups } from "./CodeGroups";
import { ForeignCodes } from "./ForeignCodes";

const NOTHING = { search: "", group: -1, archived: false };

export function CodesTab({ kind }: { kind: "code" | "link" }) {
  const t = useT().growth;
  const may = useMay();
  const [filter, setFilter] = useState(NOTHING);
  const [chosen, setChosen] = useState<number[]>([]);
  const [editing, setEditing] = useState<CodeFormFor>(null);
  const codes = $api.useQuery(
    "get",
    "/api/live-codes",
    { params: { query: { kind, archived: filter.archived } } },
    { refetchInterval: 15_000 },
  );
  const add = may("code:write") ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing(kind)}>
      {kind === "link" ? t.addLink : t.add}
    </Button>
  ) : null;
  const choose = (id: number, isChosen: boolean) =>
    setChosen(isChosen ? [...chosen, id] : chosen.filter((one) => one !== id));
  return (
    <div className="stack">
      {kind === "link" ? <Quotas /> : null}
      <div className="spread">
        <Filters filter={filter} onChange={setFilter} />
        {add}
      </div>
      {chosen.length > 0 ? (
        <BatchBar ids={chosen} isArchived={filter.archived} onDone={() => setChosen([])} />
      ) : null}
      <Answer query={codes} rows={8}>
        {({ items }) => {
          const shown = items.filter((code) => isShown(code, filter));
          return shown.length === 0 ? (
            <Card>
              <EmptyState
                title={kind === "link" ? t.emptyLink : t.empty}
                hint={kind === "link" ? t.emptyLinkHint : t.emptyHint}
              />
            </Card>
          ) : (
            <div className="grid cards">
              {shown.map((code) => (
                <CodeCard
                  key={code.id}
                  code={code}
                  isChosen={chosen.includes(code.id)}
                  onChoose={(isChosen) => choose(code.id, isChosen)}
                  onEdit={() => setEditing(code)}
                  onCopy={() => setEditing({ copyOf: code })}
                />
              ))}
            </div>
          );
        }}
      </Answer>
      {kind === "code" && !filter.archived ? <ForeignCodes /> : null}
      <CodeForm code={editing} onClose={() => setEditing(null)} />
    </div>
  );
}

function isShown(code: LiveCode, filter: typeof NOTHING): boolean {
  const text = `${code.name} ${code.staff.join(" ")} ${code.channel}`.toLowerCase();
  const isInGroup = filter.group < 0 || (code.group_id ?? 0) === filter.group;
  return isInGroup && text.includes(filter.search.trim().toLowerCase());
}

interface FiltersProps {
  filter: typeof NOTHING;
  onChange: (filter: typeof NOTHING) => void;
}

function Filters({ filter, onChange }: FiltersProps) {
  const t = useT().growth;
  const may = useMay();
  const groups = $api.useQuery("get", "/api/live-codes/groups");
  const [isManaging, setManaging] = useState(false);
  return (
    <div className="row">
      <Input
        allowClear
        placeholder={t.search}
        aria-label={t.search}
        value={filter.search}
        onChange={(event) => onChange({ ...filter, search: event.target.value })}
        style={{ width: 200 }}
      />
      <Select
        aria-label={t.group}
        value={filter.group}
        style={{ minWidth: 120 }}
        options={[
          { value: -1, label: t.allGroups },
          { value: 0, label: t.noGroup },
          ...(groups.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
        ]}
        onChange={(group) => onChange({ ...filter, group })}
      />
      {may("code:write") ? (
        <Button onClick={() => setManaging(true)}>{t.manageGroups}</Button>
      ) : null}
      <CodeGroups isOpen={isManaging} onClose={() => setManaging(false)} />
      <span className="row tight">
        <Switch
          size="small"
          aria-label={t.archived}
          checked={filter.archived}
          onChange={(archived) => onChange({ ...filter, archived })}
        />
        <span className="muted small">{t.archived}</span>
      </span>
    </div>
  );
}

function Quotas() {
  const t = useT().growth;
  const label = useAccountLabel();
  const quotas = $api.useQuery("get", "/api/link-quotas");
  return (
    <>
      {(quotas.data?.items ?? []).map((quota) => (
        <Alert
          key={quota.account}
          showIcon
          type={quota.notice || quota.balance < 20 ? "warning" : "info"}
          title={`${label(quota.account)}：${t.quota(quota.balance, quota.total)}`}
          description={quota.notice ? labelOf(t.notices, quota.notice) : undefined}
        />
      ))}
    </>
  );
}
