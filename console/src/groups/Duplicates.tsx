/** People in several groups: list, export, remind. */
import { DownloadOutlined } from "@ant-design/icons";
import { Button, Form, Input, Modal, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { $api } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Pager, Records, useCursors } from "../kit/Records";
import { EmptyState } from "../kit/States";
import { useT } from "../locale";

export function Duplicates() {
  const t = useT().groups;
  const words = t.duplicates;
  const may = useMay();
  const cursors = useCursors();
  const [isOpen, setOpen] = useState(false);
  const page = $api.useQuery(
    "get",
    "/api/groups/duplicates",
    { params: { query: { cursor: cursors.cursor, limit: 50 } } },
    { refetchInterval: 15_000, placeholderData: (before) => before },
  );
  return (
    <div className="stack">
      <div className="spread" style={{ flexWrap: "wrap" }}>
        <span className="muted">{words.lead}</span>
        <span className="row">
          {may("customer:export") ? (
            <Button icon={<DownloadOutlined />} href="/api/groups/duplicates.csv" download>
              {words.export}
            </Button>
          ) : null}
          {may("group:write") && page.data?.total ? (
            <Button type="primary" onClick={() => setOpen(true)}>
              {words.remind}
            </Button>
          ) : null}
        </span>
      </div>
      <Records
        rows={page.data?.items}
        rowKey={(one) => one.remote_id}
        columns={[
          { title: words.person, render: (_, one) => <Person one={one} /> },
          { title: words.groups, render: (_, one) => <Groups groups={one.groups} /> },
        ]}
        card={(one) => (
          <div className="stack" style={{ gap: 6 }}>
            <Person one={one} />
            <Groups groups={one.groups} />
          </div>
        )}
        empty={<EmptyState title={words.empty} hint={words.emptyHint} />}
        pager={<Pager cursors={cursors} next={page.data?.next_cursor} />}
      />
      <Remind isOpen={isOpen} onClose={() => setOpen(false)} />
    </div>
  );
}

function Person({ one }: { one: { customer_id: number | null; name: string; remote_id: string } }) {
  const name = one.name || one.remote_id;
  return one.customer_id ? <Link to={`/customers/${one.customer_id}`}>{name}</Link> : name;
}

function Groups({ groups }: { groups: { id: number; name: string }[] }) {
  return (
    <span className="row" style={{ flexWrap: "wrap", gap: 4 }}>
      {groups.map((group) => (
        <Link key={group.id} to={`/groups/${group.id}`}>
          <Tag>{group.name}</Tag>
        </Link>
      ))}
    </span>
  );
}

function Remind({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const words = useT().groups.duplicates;
  const act = useAct();
  const [text, setText] = useState(words.template);
  const remind = $api.useMutation(
    "post",
    "/api/groups/duplicates/remind",
    act(["/api/touches"], words.planned, onClose),
  );
  return (
    <Modal
      title={words.remind}
      open={isOpen}
      onCancel={onClose}
      onOk={() => remind.mutate({ body: { text, account: "" } })}
      confirmLoading={remind.isPending}
    >
      <Form layout="vertical">
        <Form.Item label={words.text} extra={words.textHint}>
          <Input.TextArea
            aria-label={words.text}
            rows={4}
            maxLength={1000}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
