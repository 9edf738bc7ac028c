/** The groups: owner, members, today's coming and going. */
import { Input, Select, Tag } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { $api, type Row } from "../api/client";
import { Pager, Records, useCursors } from "../kit/Records";
import { EmptyState } from "../kit/States";
import { useStaffName } from "../kit/staff";
import { Platform } from "../kit/Values";
import { useT } from "../locale";
import { GroupDays } from "./GroupDays";

export type Group = Row<"/api/groups">;

export function GroupList() {
  const t = useT().groups;
  const staffName = useStaffName();
  const open = useNavigate();
  const cursors = useCursors();
  const [text, setText] = useState("");
  const [label, setLabel] = useState<string | null>(null);
  const labels = $api.useQuery("get", "/api/groups/labels");
  const days = $api.useQuery("get", "/api/groups/days");
  const page = $api.useQuery(
    "get",
    "/api/groups",
    { params: { query: { text, label: label ?? "", cursor: cursors.cursor, limit: 30 } } },
    { refetchInterval: 10_000, placeholderData: (before) => before },
  );
  return (
    <div className="stack">
      {days.data?.items.some((day) => day.joined || day.left) ? (
        <GroupDays days={days.data.items} />
      ) : null}
      <div className="row" style={{ gap: 12 }}>
        <Input.Search
          allowClear
          placeholder={t.search}
          aria-label={t.search}
          style={{ maxWidth: 260 }}
          onSearch={(value) => {
            cursors.reset();
            setText(value);
          }}
        />
        <Select
          allowClear
          placeholder={t.anyLabel}
          aria-label={t.labels}
          style={{ minWidth: 140 }}
          value={label}
          onChange={(value) => setLabel(value ?? null)}
          options={(labels.data?.items ?? []).map((one) => ({ value: one.name, label: one.name }))}
        />
      </div>
      <Records
        rows={page.data?.items}
        rowKey={(group) => group.id}
        onOpen={(group) => open(`/groups/${group.id}`)}
        minWidth={760}
        columns={[
          { title: t.name, render: (_, group) => <Name group={group} /> },
          { title: t.owner, render: (_, group) => staffName(group.account, group.owner) },
          { title: t.members, dataIndex: "members", align: "right" },
          { title: t.customers, dataIndex: "customers", align: "right" },
          { title: t.outsiders, dataIndex: "outsiders", align: "right" },
          { title: t.today, align: "right", render: (_, group) => <Today group={group} /> },
        ]}
        card={(group) => (
          <div className="stack" style={{ gap: 6 }}>
            <Name group={group} />
            <span className="muted small">
              {staffName(group.account, group.owner)} · {t.members} {group.members} · {t.customers}{" "}
              {group.customers}
            </span>
            <span className="small">
              {t.today} <Today group={group} />
            </span>
          </div>
        )}
        empty={<EmptyState title={t.empty} hint={t.emptyHint} />}
        pager={<Pager cursors={cursors} next={page.data?.next_cursor} />}
      />
    </div>
  );
}

function Name({ group }: { group: Group }) {
  return (
    <span className="stack" style={{ gap: 2 }}>
      <Link to={`/groups/${group.id}`} className="strong break">
        {group.name || group.remote_id}
      </Link>
      <span className="row small muted" style={{ gap: 6 }}>
        <Platform code={group.platform} />
        {group.labels.map((label) => (
          <Tag key={label}>{label}</Tag>
        ))}
      </span>
    </span>
  );
}

function Today({ group }: { group: Group }) {
  return (
    <span className="num">
      <span className={group.joined_today ? "up" : "muted"}>+{group.joined_today}</span>
      {" / "}
      <span className={group.left_today ? "down" : "muted"}>−{group.left_today}</span>
    </span>
  );
}
