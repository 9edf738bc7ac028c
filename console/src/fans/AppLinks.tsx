/** Links that open the mini program from SMS, mail, pages and chats. */
import { PlusOutlined } from "@ant-design/icons";
import { Button, Card, Drawer, Form, Input, InputNumber, Select, Tag, Typography } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Answer, EmptyState } from "../kit/States";
import { Time } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { type Account, accountOptions } from "./accounts";

export function AppLinks({ accounts }: { accounts: Account[] }) {
  const t = useT().fans.links;
  const may = useMay();
  const links = $api.useQuery("get", "/api/app-links");
  const [isAdding, setAdding] = useState(false);
  const add = may("code:write") ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t.add}
    </Button>
  ) : null;
  return (
    <div className="stack">
      <div className="row" style={{ justifyContent: "space-between" }}>
        <span className="muted" style={{ flex: 1, minWidth: 220 }}>
          {t.lead}
        </span>
        {add}
      </div>
      <Answer query={links}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <EmptyState title={t.empty} hint={t.emptyHint} action={add} />
            </Card>
          ) : (
            <div className="records">
              {items.map((link) => (
                <div className="record" key={link.id}>
                  <div className="row" style={{ gap: 6 }}>
                    <span className="strong break">{link.name}</span>
                    <Tag>{labelOf(t.kinds, link.kind)}</Tag>
                  </div>
                  <Typography.Text copyable className="break" code>
                    {link.url}
                  </Typography.Text>
                  <div className="muted small break">
                    {link.page}
                    {link.query ? `?${link.query}` : ""} · {t.until} <Time at={link.expires_at} />
                  </div>
                </div>
              ))}
            </div>
          )
        }
      </Answer>
      <AddLink accounts={accounts} isOpen={isAdding} onClose={() => setAdding(false)} />
    </div>
  );
}

interface AddLinkProps {
  accounts: Account[];
  isOpen: boolean;
  onClose: () => void;
}

interface LinkValues {
  account: string;
  kind: "url" | "scheme" | "short";
  name: string;
  page: string;
  query: string;
  days: number;
}

function AddLink({ accounts, isOpen, onClose }: AddLinkProps) {
  const t = useT();
  const words = t.fans.links;
  const [form] = Form.useForm<LinkValues>();
  const create = $api.useMutation(
    "post",
    "/api/app-links",
    useAct()(["/api/app-links"], words.created, onClose),
  );
  return (
    <Drawer
      title={words.add}
      open={isOpen}
      onClose={onClose}
      size={480}
      destroyOnHidden
      footer={
        <Button type="primary" loading={create.isPending} onClick={() => form.submit()}>
          {words.add}
        </Button>
      }
    >
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        clearOnDestroy
        initialValues={{ account: accounts[0]?.key, kind: "url", query: "", days: 30 }}
        onFinish={(values) => create.mutate({ body: values })}
      >
        <Form.Item name="account" label={t.fans.account} rules={[{ required: true }]}>
          <Select options={accountOptions(accounts)} />
        </Form.Item>
        <Form.Item name="kind" label={words.kind}>
          <Select
            options={Object.entries(words.kinds).map(([value, label]) => ({ value, label }))}
          />
        </Form.Item>
        <Form.Item name="name" label={words.name} rules={[{ required: true }]}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="page" label={words.page} rules={[{ required: true }]}>
          <Input maxLength={512} placeholder="pages/index/index" />
        </Form.Item>
        <Form.Item name="query" label={words.query}>
          <Input maxLength={1024} placeholder="from=sms" />
        </Form.Item>
        <Form.Item name="days" label={words.days} extra={words.daysHint}>
          <InputNumber min={1} max={30} />
        </Form.Item>
      </Form>
    </Drawer>
  );
}
