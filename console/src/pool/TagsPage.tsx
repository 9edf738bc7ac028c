/** Tags in their groups: order, colour, exclusivity, expiry, merging. */
import {
  ArrowDownOutlined,
  ArrowUpOutlined,
  DeleteOutlined,
  EditOutlined,
  PlusOutlined,
} from "@ant-design/icons";
import { AutoComplete, Button, Card, Form, Input, Modal, Tabs, Tag, Tooltip } from "antd";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { Page } from "../kit/Page";
import { Answer, EmptyState } from "../kit/States";
import { useT } from "../locale";
import { GroupSync } from "../writeback/GroupSync";
import { BulkTagList } from "./BulkTagList";
import { GroupForm } from "./GroupForm";
import { TagForm } from "./TagForm";

export type TagGroup = Row<"/api/tag-groups">;
export type TagDetail = TagGroup["tags"][number];

export default function TagsPage() {
  const t = useT();
  const may = useMay();
  const [search, setSearch] = useSearchParams();
  const items = [
    { key: "groups", label: t.pool.tags.title, children: <Groups /> },
    ...(may("tag:write")
      ? [{ key: "batches", label: t.tagging.batches, children: <BulkTagList /> }]
      : []),
  ];
  return (
    <Page title={t.pool.tags.title} lead={t.pool.tags.lead} extra={<Extra />}>
      <Tabs
        items={items}
        activeKey={search.get("tab") ?? "groups"}
        onChange={(tab) => setSearch({ tab }, { replace: true })}
        destroyOnHidden
      />
    </Page>
  );
}

function Extra() {
  const t = useT();
  const may = useMay();
  const [isAdding, setAdding] = useState(false);
  const [isGrouping, setGrouping] = useState(false);
  return (
    <>
      {may("segment:read") ? (
        <Link to="/tag-rules">
          <Button>{t.tagging.rules}</Button>
        </Link>
      ) : null}
      {may("tag:write") ? (
        <Button onClick={() => setGrouping(true)}>{t.tagging.addGroup}</Button>
      ) : null}
      {may("customer:write") ? (
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
          {t.pool.tags.add}
        </Button>
      ) : null}
      <GroupForm group={isGrouping ? "new" : null} onClose={() => setGrouping(false)} />
      <AddDialog isOpen={isAdding} onClose={() => setAdding(false)} />
    </>
  );
}

function Groups() {
  const t = useT().pool.tags;
  const groups = $api.useQuery("get", "/api/tag-groups");
  const ids = (groups.data?.items ?? []).map((group) => group.id);
  return (
    <Answer query={groups} rows={8}>
      {(data) =>
        data.items.length === 0 ? (
          <Card>
            <EmptyState title={t.empty} hint={t.emptyHint} />
          </Card>
        ) : (
          <div className="grid cards">
            {data.items.map((group) => (
              <Group key={group.id} group={group} order={ids} />
            ))}
          </div>
        )
      }
    </Answer>
  );
}

function Group({ group, order }: { group: TagGroup; order: number[] }) {
  const t = useT().tagging;
  const may = useMay();
  const [edited, setEdited] = useState<TagDetail | null>(null);
  return (
    <Card
      size="small"
      data-testid="tag-group"
      style={group.color ? { borderTop: `3px solid ${group.color}` } : {}}
      title={
        <span className="row tight">
          {group.name}
          {group.is_exclusive ? (
            <Tooltip title={t.exclusiveHint}>
              <Tag>{t.exclusive}</Tag>
            </Tooltip>
          ) : null}
        </span>
      }
      extra={may("tag:write") ? <GroupDoings group={group} order={order} /> : null}
    >
      <div className="row">
        {group.tags.map((tag) => (
          <TagChip key={tag.id} tag={tag} onEdit={() => setEdited(tag)} />
        ))}
      </div>
      <GroupSync groupId={group.id} />
      <TagForm tag={edited} group={group} onClose={() => setEdited(null)} />
    </Card>
  );
}

function TagChip({ tag, onEdit }: { tag: TagDetail; onEdit: () => void }) {
  const t = useT();
  const may = useMay();
  const until = tag.expires_at ? t.tagging.untilOf(tag.expires_at.slice(0, 10)) : "";
  const expiry = tag.expires_days ? t.tagging.daysOf(tag.expires_days) : until;
  return (
    <Tag style={{ margin: 0 }}>
      <Link to={`/customers?tag_id=${tag.id}`} style={{ color: "inherit" }}>
        {tag.name}
      </Link>
      {expiry ? <span className="muted small"> · {expiry}</span> : null}
      {may("tag:write") ? (
        <Button
          type="text"
          size="small"
          icon={<EditOutlined />}
          aria-label={`${t.kit.edit} ${tag.name}`}
          style={{ width: 20, height: 18 }}
          onClick={onEdit}
        />
      ) : null}
    </Tag>
  );
}

function GroupDoings({ group, order }: { group: TagGroup; order: number[] }) {
  const t = useT();
  const act = useAct();
  const [isEditing, setEditing] = useState(false);
  const changed = act(["/api/tag-groups", "/api/tags"]);
  const move = $api.useMutation("post", "/api/tag-groups/order", changed);
  const remove = $api.useMutation("delete", "/api/tag-groups/{group_id}", changed);
  const place = order.indexOf(group.id);
  const to = (next: number) => {
    const ids = order.filter((id) => id !== group.id);
    ids.splice(next, 0, group.id);
    move.mutate({ body: { ids } });
  };
  const button = (label: string, icon: React.ReactNode, onClick: () => void, disabled = false) => (
    <Button
      type="text"
      size="small"
      icon={icon}
      aria-label={`${label} ${group.name}`}
      disabled={disabled}
      onClick={onClick}
    />
  );
  return (
    <span className="row" style={{ gap: 0, flexWrap: "nowrap" }}>
      {button(t.tagging.up, <ArrowUpOutlined />, () => to(place - 1), place === 0)}
      {button(
        t.tagging.down,
        <ArrowDownOutlined />,
        () => to(place + 1),
        place === order.length - 1,
      )}
      {button(t.tagging.editGroup, <EditOutlined />, () => setEditing(true))}
      {group.tags.length === 0
        ? button(t.tagging.deleteGroup, <DeleteOutlined />, () =>
            remove.mutate({ params: { path: { group_id: group.id } } }),
          )
        : null}
      <GroupForm group={isEditing ? group : null} onClose={() => setEditing(false)} />
    </span>
  );
}

interface AddDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

function AddDialog({ isOpen, onClose }: AddDialogProps) {
  const t = useT().pool.tags;
  const act = useAct();
  const [form] = Form.useForm<{ group: string; name: string }>();
  const groups = $api.useQuery("get", "/api/tag-groups");
  const create = $api.useMutation(
    "post",
    "/api/tags",
    act(["/api/tags", "/api/tag-groups"], undefined, onClose),
  );
  const submit = async () => {
    const body = await valuesOf(form);
    if (body) create.mutate({ body });
  };
  return (
    <Modal
      title={t.add}
      open={isOpen}
      onCancel={onClose}
      onOk={submit}
      confirmLoading={create.isPending}
      destroyOnHidden
    >
      <Form form={form} layout="vertical" preserve={false}>
        <Form.Item name="group" label={t.group} rules={[{ required: true }]}>
          <AutoComplete
            options={(groups.data?.items ?? []).map((group) => ({ value: group.name }))}
          />
        </Form.Item>
        <Form.Item name="name" label={t.name} rules={[{ required: true }]}>
          <Input maxLength={30} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
