/** Tags in their groups. */

import { PlusOutlined } from "@ant-design/icons";
import { App, AutoComplete, Button, Card, Form, Input, Modal, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { groupBy } from "../kit/group";
import { Page } from "../kit/Page";
import { Answer, EmptyState } from "../kit/States";
import { useT } from "../locale";

type TagRow = Row<"/api/tags">;

export default function TagsPage() {
  const t = useT().pool.tags;
  const may = useMay();
  const [isAdding, setAdding] = useState(false);
  const tags = $api.useQuery("get", "/api/tags");
  const add = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t.add}
    </Button>
  );
  const groups = [...groupBy(tags.data?.items ?? [], (tag) => tag.group)];
  return (
    <Page title={t.title} lead={t.lead} extra={may("customer:write") ? add : null}>
      <Answer query={tags} rows={8}>
        {() =>
          groups.length === 0 ? (
            <Card>
              <EmptyState title={t.empty} hint={t.emptyHint} />
            </Card>
          ) : (
            <div className="grid cards">
              {groups.map(([group, items]) => (
                <Group key={group} group={group} items={items} />
              ))}
            </div>
          )
        }
      </Answer>
      <AddDialog
        groups={groups.map(([group]) => group)}
        isOpen={isAdding}
        onClose={() => setAdding(false)}
      />
    </Page>
  );
}

function Group({ group, items }: { group: string; items: TagRow[] }) {
  const t = useT().pool.tags;
  const may = useMay();
  const act = useAct();
  const { modal } = App.useApp();
  const remove = $api.useMutation(
    "delete",
    "/api/tags/{tag_id}",
    act(["/api/tags", "/api/customers"]),
  );
  const ask = (tag: TagRow) =>
    modal.confirm({
      title: `${t.remove} “${tag.name}”`,
      content: t.removeAsk,
      okButtonProps: { danger: true },
      onOk: () => remove.mutate({ params: { path: { tag_id: tag.id } } }),
    });
  return (
    <Card size="small" title={group} extra={<span className="muted num">{items.length}</span>}>
      <div className="row">
        {items.map((tag) => (
          <Tag
            key={tag.id}
            style={{ margin: 0 }}
            closable={may("customer:write")}
            onClose={(event) => {
              event.preventDefault();
              ask(tag);
            }}
          >
            <Link to={`/customers?tag_id=${tag.id}`} style={{ color: "inherit" }}>
              {tag.name}
            </Link>
          </Tag>
        ))}
      </div>
    </Card>
  );
}

interface AddDialogProps {
  groups: string[];
  isOpen: boolean;
  onClose: () => void;
}

function AddDialog({ groups, isOpen, onClose }: AddDialogProps) {
  const t = useT().pool.tags;
  const act = useAct();
  const [form] = Form.useForm<{ group: string; name: string }>();
  const create = $api.useMutation("post", "/api/tags", act(["/api/tags"], undefined, onClose));
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
          <AutoComplete options={groups.map((value) => ({ value }))} />
        </Form.Item>
        <Form.Item name="name" label={t.name} rules={[{ required: true }]}>
          <Input maxLength={30} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
