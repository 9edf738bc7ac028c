/** One group: its numbers by day and everybody who is or was there. */
import { ReloadOutlined } from "@ant-design/icons";
import { Button, Card, Descriptions, Segmented, Select, Tag, Tooltip } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Page } from "../kit/Page";
import { Pager, Records, useCursors } from "../kit/Records";
import { Answer, EmptyState } from "../kit/States";
import { useStaffName } from "../kit/staff";
import { Time } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { GroupDays } from "./GroupDays";
import type { Group } from "./GroupList";

type Member = Row<"/api/groups/{group_id}/members">;

/** People come and go while the page is open. */
const RENEWED = { refetchInterval: 10_000 };

export default function GroupPage() {
  const group_id = Number(useParams().id);
  const path = { group_id };
  const group = $api.useQuery("get", "/api/groups/{group_id}", { params: { path } }, RENEWED);
  const days = $api.useQuery("get", "/api/groups/{group_id}/days", { params: { path } });
  return (
    <Answer query={group} rows={8}>
      {(found) => (
        <Page title={found.name || found.remote_id} extra={<Refresh group={found} />}>
          <div className="stack">
            <Facts group={found} />
            {days.data ? <GroupDays days={days.data.items} /> : null}
            <Members group={found} />
          </div>
        </Page>
      )}
    </Answer>
  );
}

function Refresh({ group }: { group: Group }) {
  const t = useT().groups;
  const may = useMay();
  const act = useAct();
  const refresh = $api.useMutation(
    "post",
    "/api/groups/{group_id}/refresh",
    act(["/api/groups"], t.refreshed),
  );
  if (!may("group:write")) return null;
  return (
    <Button
      icon={<ReloadOutlined />}
      loading={refresh.isPending}
      onClick={() => refresh.mutate({ params: { path: { group_id: group.id } } })}
    >
      {t.refresh}
    </Button>
  );
}

function Facts({ group }: { group: Group }) {
  const t = useT().groups;
  const staffName = useStaffName();
  return (
    <Card>
      <Descriptions
        column={{ xs: 1, sm: 2, lg: 4 }}
        items={[
          { label: t.owner, children: staffName(group.account, group.owner) },
          { label: t.members, children: group.members },
          { label: t.customers, children: group.customers },
          {
            label: t.outsiders,
            children: <Tooltip title={t.outsiderHint}>{group.outsiders}</Tooltip>,
          },
          { label: t.readAt, children: <Time at={group.read_at} /> },
          { label: t.labels, children: <Labels group={group} /> },
          { label: t.notice, children: group.notice || "—", span: 2 },
        ]}
      />
      {group.dismissed_at ? <Tag color="red">{t.dismissed}</Tag> : null}
      {group.error ? <Tag color="orange">{group.error}</Tag> : null}
    </Card>
  );
}

function Labels({ group }: { group: Group }) {
  const t = useT().groups;
  const may = useMay();
  const act = useAct();
  const known = $api.useQuery("get", "/api/groups/labels");
  const change = $api.useMutation("post", "/api/groups/labels", act(["/api/groups"]));
  if (!may("group:write"))
    return group.labels.map((label) => <Tag key={label}>{label}</Tag>) as never;
  const save = (after: string[]) =>
    change.mutate({
      body: {
        group_ids: [group.id],
        add: after.filter((label) => !group.labels.includes(label)),
        remove: group.labels.filter((label) => !after.includes(label)),
      },
    });
  return (
    <Select
      mode="tags"
      size="small"
      style={{ minWidth: 160 }}
      aria-label={t.addLabel}
      placeholder={t.addLabel}
      value={group.labels}
      onChange={save}
      options={(known.data?.items ?? []).map((one) => ({ value: one.name, label: one.name }))}
    />
  );
}

function Members({ group }: { group: Group }) {
  const t = useT().groups;
  const cursors = useCursors();
  const [isPresent, setPresent] = useState(true);
  const page = $api.useQuery(
    "get",
    "/api/groups/{group_id}/members",
    {
      params: {
        path: { group_id: group.id },
        query: { is_present: isPresent, cursor: cursors.cursor, limit: 50 },
      },
    },
    { ...RENEWED, placeholderData: (before) => before },
  );
  return (
    <>
      <Segmented
        value={isPresent ? "present" : "gone"}
        onChange={(value) => {
          cursors.reset();
          setPresent(value === "present");
        }}
        options={[
          { value: "present", label: t.present },
          { value: "gone", label: t.gone },
        ]}
      />
      <Records
        rows={page.data?.items}
        rowKey={(member) => member.id}
        minWidth={640}
        columns={[
          { title: t.members, render: (_, member) => <Person member={member} /> },
          { title: t.how, render: (_, member) => labelOf(t.ways, member.join_kind) },
          { title: t.joinedAt, render: (_, member) => <Time at={member.joined_at} /> },
          ...(isPresent
            ? []
            : [
                {
                  title: t.leftAt,
                  render: (_: unknown, member: Member) => (
                    <span className="row" style={{ gap: 8 }}>
                      <Time at={member.left_at} />
                      <span className="muted">{labelOf(t.ways, member.leave_kind)}</span>
                    </span>
                  ),
                },
              ]),
        ]}
        card={(member) => (
          <div className="spread">
            <Person member={member} />
            <span className="muted small">
              {labelOf(t.ways, member.join_kind)} · <Time at={member.joined_at} />
            </span>
          </div>
        )}
        empty={<EmptyState title={t.noMembers} />}
        pager={<Pager cursors={cursors} next={page.data?.next_cursor} />}
      />
    </>
  );
}

const COLORS: Record<string, string> = { staff: "blue", customer: "green" };

function Person({ member }: { member: Member }) {
  const t = useT().groups;
  const name = member.name || member.remote_id;
  return (
    <span className="row" style={{ gap: 8 }}>
      {member.customer_id ? <Link to={`/customers/${member.customer_id}`}>{name}</Link> : name}
      <Tag {...(COLORS[member.kind] ? { color: COLORS[member.kind] as string } : {})}>
        {labelOf(t.kinds, member.kind)}
      </Tag>
    </span>
  );
}
