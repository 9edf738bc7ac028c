/** Message templates of an account, and sending one to a customer. */
import { SendOutlined } from "@ant-design/icons";
import { Button, Card, Drawer, Form, Input, Select, Tag } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { CustomerSelect } from "../kit/CustomerSelect";
import { Answer, EmptyState } from "../kit/States";
import { useT } from "../locale";
import { type Account, accountOptions } from "./accounts";

type Template = Row<"/api/message-templates">;

export function Templates({ accounts }: { accounts: Account[] }) {
  const t = useT().fans;
  const may = useMay();
  const [account, setAccount] = useState(accounts[0]?.key ?? "");
  const [chosen, setChosen] = useState<Template | null>(null);
  const templates = $api.useQuery("get", "/api/message-templates", {
    params: { query: { account } },
  });
  return (
    <div className="stack">
      <div className="row">
        <span className="muted" style={{ flex: 1, minWidth: 220 }}>
          {t.templates.lead}
        </span>
        <Select
          aria-label={t.account}
          value={account}
          options={accountOptions(accounts)}
          onChange={setAccount}
        />
      </div>
      <Answer query={templates}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <EmptyState title={t.templates.empty} hint={t.templates.emptyHint} />
            </Card>
          ) : (
            <div className="records">
              {items.map((one) => (
                <div className="record" key={`${one.channel}:${one.id}`}>
                  <div className="row" style={{ justifyContent: "space-between" }}>
                    <div style={{ minWidth: 0 }}>
                      <div className="row" style={{ gap: 6 }}>
                        <span className="strong">{one.title}</span>
                        {one.is_one_time ? <Tag color="gold">{t.templates.oneTime}</Tag> : null}
                      </div>
                      <div className="muted small break">
                        <code>{one.id}</code>
                      </div>
                      <div className="muted small">
                        {one.fields.map((field) => field.name || field.key).join(" · ")}
                      </div>
                    </div>
                    {may("touch:write") ? (
                      <Button icon={<SendOutlined />} onClick={() => setChosen(one)}>
                        {t.templates.send}
                      </Button>
                    ) : null}
                  </div>
                </div>
              ))}
            </div>
          )
        }
      </Answer>
      <SendDrawer account={account} template={chosen} onClose={() => setChosen(null)} />
    </div>
  );
}

interface SendProps {
  account: string;
  template: Template | null;
  onClose: () => void;
}

interface SendValues {
  customer_id: number;
  page?: string;
  data: Record<string, string>;
}

function SendDrawer({ account, template, onClose }: SendProps) {
  const t = useT().fans.templates;
  const [form] = Form.useForm<SendValues>();
  const send = $api.useMutation(
    "post",
    "/api/message-templates/send",
    useAct()(["/api/touches"], t.sent, onClose),
  );
  const submit = ({ customer_id, page, data }: SendValues) => {
    if (!template) return;
    const text = cardText(template.id, page ?? "", data);
    send.mutate({ body: { account, channel: template.channel, customer_id, text } });
  };
  return (
    <Drawer
      title={template ? `${t.send}: ${template.title}` : t.send}
      open={template !== null}
      onClose={onClose}
      size={480}
      destroyOnHidden
      footer={
        <Button type="primary" loading={send.isPending} onClick={() => form.submit()}>
          {t.send}
        </Button>
      }
    >
      <Form form={form} layout="vertical" preserve={false} onFinish={submit}>
        <Form.Item name="customer_id" label={t.customer} rules={[{ required: true }]}>
          <CustomerSelect />
        </Form.Item>
        {template?.fields.map((field) => (
          <Form.Item
            key={field.key}
            name={["data", field.key]}
            label={`${field.name || field.key} (${field.key})`}
            rules={[{ required: true }]}
          >
            <Input maxLength={200} />
          </Form.Item>
        ))}
        <Form.Item name="page" label={t.page} extra={t.variables}>
          <Input maxLength={500} placeholder="pages/index/index" />
        </Form.Item>
      </Form>
    </Drawer>
  );
}

/** A filled-in form as the lines that every channel carries. */
export function cardText(template: string, page: string, data: Record<string, string>): string {
  const where = page.startsWith("http") ? `url: ${page}` : `page: ${page}`;
  const lines = Object.entries(data).map(([key, value]) => `${key}: ${value}`);
  return [`template: ${template}`, ...(page ? [where] : []), ...lines].join("\n");
}
