/** Invitations into groups, and what came of each. */
import { Button, Drawer, Form, Input, Segmented, Select, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Pager, Records, useCursors } from "../kit/Records";
import { EmptyState } from "../kit/States";
import { useStaffName } from "../kit/staff";
import { Time } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { useTagOptions } from "../pool/FilterSelects";
import { TouchState } from "../reach/looks";
import { useCodeOptions } from "./choices";

type Invitation = Row<"/api/group-invitations">;

export function Invitations() {
  const words = useT().groups.invitations;
  const may = useMay();
  const found = $api.useQuery("get", "/api/group-invitations", {}, { refetchInterval: 15_000 });
  const [isOpen, setOpen] = useState(false);
  const [shown, setShown] = useState<Invitation | null>(null);
  const add = may("group:write") ? (
    <Button type="primary" onClick={() => setOpen(true)}>
      {words.add}
    </Button>
  ) : null;
  const numbers = (one: Invitation) => (
    <span className="num">
      {one.total} / {one.sent} / {one.joined}
    </span>
  );
  return (
    <div className="stack">
      {found.data?.items.length ? <div>{add}</div> : null}
      <Records
        rows={found.data?.items}
        rowKey={(one) => one.id}
        onOpen={setShown}
        columns={[
          { title: words.add, dataIndex: "name" },
          { title: words.way, render: (_, one) => labelOf(words.ways, one.way) },
          { title: words.total, dataIndex: "total", align: "right" },
          { title: words.sent, dataIndex: "sent", align: "right" },
          { title: words.joined, dataIndex: "joined", align: "right" },
          { title: "", render: (_, one) => <Time at={one.created_at} /> },
        ]}
        card={(one) => (
          <div className="spread">
            <span className="strong">{one.name}</span>
            {numbers(one)}
          </div>
        )}
        empty={<EmptyState title={words.empty} hint={words.emptyHint} action={add} />}
      />
      <InvitationForm isOpen={isOpen} onClose={() => setOpen(false)} />
      <Drawer
        title={shown?.name}
        open={shown !== null}
        onClose={() => setShown(null)}
        size={640}
        destroyOnHidden
      >
        {shown ? <Invitees invitation={shown} /> : null}
      </Drawer>
    </div>
  );
}

function Invitees({ invitation }: { invitation: Invitation }) {
  const t = useT();
  const words = t.groups.invitations;
  const staffName = useStaffName();
  const cursors = useCursors();
  const act = useAct();
  const done = $api.useMutation(
    "post",
    "/api/group-invitees/{invitee_id}/done",
    act(["/api/group-invitations"]),
  );
  const page = $api.useQuery(
    "get",
    "/api/group-invitations/{invitation_id}/invitees",
    {
      params: {
        path: { invitation_id: invitation.id },
        query: { cursor: cursors.cursor, limit: 50 },
      },
    },
    { refetchInterval: 10_000, placeholderData: (before) => before },
  );
  const state = (code: string) =>
    code in words.states ? <Tag>{labelOf(words.states, code)}</Tag> : <TouchState code={code} />;
  return (
    <Records
      rows={page.data?.items}
      rowKey={(one) => one.id}
      columns={[
        {
          title: t.groups.customers,
          render: (_, one) => (
            <Link to={`/customers/${one.customer_id}`}>{one.name || `#${one.customer_id}`}</Link>
          ),
        },
        { title: t.groups.staff, render: (_, one) => staffName("", one.staff) },
        { title: words.state, render: (_, one) => state(one.state) },
        { title: words.joined, render: (_, one) => (one.is_joined ? words.yes : words.no) },
        {
          title: "",
          render: (_, one) =>
            one.state === "todo" ? (
              <Button
                size="small"
                onClick={() => done.mutate({ params: { path: { invitee_id: one.id } } })}
              >
                {words.done}
              </Button>
            ) : null,
        },
      ]}
      card={(one) => (
        <div className="spread">
          <span>{one.name}</span>
          <span className="row">
            {state(one.state)} {one.is_joined ? words.yes : words.no}
          </span>
        </div>
      )}
      empty={<EmptyState title={words.empty} />}
      pager={<Pager cursors={cursors} next={page.data?.next_cursor} />}
    />
  );
}

interface Values {
  name: string;
  code_id: number;
  way: string;
  text: string;
  by: "tag" | "segment";
  tag_id?: number;
  segment_id?: number;
}

function InvitationForm({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const t = useT();
  const words = t.groups.invitations;
  const act = useAct();
  const [form] = Form.useForm<Values>();
  const create = $api.useMutation(
    "post",
    "/api/group-invitations",
    act(["/api/group-invitations", "/api/touches"], undefined, onClose),
  );
  const submit = ({ by, tag_id, segment_id, ...rest }: Values) =>
    create.mutate({
      body: {
        ...rest,
        tag_id: by === "tag" ? (tag_id ?? null) : null,
        segment_id: by === "segment" ? (segment_id ?? null) : null,
      },
    });
  return (
    <Drawer
      title={words.add}
      open={isOpen}
      onClose={onClose}
      size={520}
      destroyOnHidden
      footer={
        <Button type="primary" loading={create.isPending} onClick={() => form.submit()}>
          {t.kit.save}
        </Button>
      }
    >
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        clearOnDestroy
        initialValues={{ way: "message", by: "tag", text: words.template }}
        onFinish={submit}
      >
        <Fields />
      </Form>
    </Drawer>
  );
}

function Fields() {
  const t = useT().groups;
  const words = t.invitations;
  const may = useMay();
  const by = Form.useWatch("by") as string | undefined;
  const tags = useTagOptions();
  const codes = useCodeOptions();
  const segments = $api.useQuery("get", "/api/segments", {}, { enabled: may("segment:read") });
  const choices = (segments.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
  return (
    <>
      <Form.Item name="name" label={t.keywords.pageName} rules={[{ required: true }]}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="code_id" label={t.keywords.code} rules={[{ required: true }]}>
        <Select options={codes} />
      </Form.Item>
      <Form.Item name="by" label={words.audience}>
        <Segmented
          options={[
            { value: "tag", label: words.byTag },
            { value: "segment", label: words.bySegment },
          ]}
        />
      </Form.Item>
      {by === "segment" ? (
        <Form.Item name="segment_id" label={words.bySegment} rules={[{ required: true }]}>
          <Select options={choices} showSearch={{ optionFilterProp: "label" }} />
        </Form.Item>
      ) : (
        <Form.Item name="tag_id" label={words.byTag} rules={[{ required: true }]}>
          <Select options={tags} showSearch={{ optionFilterProp: "label" }} />
        </Form.Item>
      )}
      <Form.Item name="way" label={words.way}>
        <Select options={Object.entries(words.ways).map(([value, label]) => ({ value, label }))} />
      </Form.Item>
      <Form.Item name="text" label={words.text} extra={words.textHint} rules={[{ required: true }]}>
        <Input.TextArea rows={4} maxLength={1000} />
      </Form.Item>
    </>
  );
}
