/** First step: what the platform gave us; the form is drawn from its manifest. */
import { Button, Form, Input, Select } from "antd";
import { $api, type Row } from "../api/client";
import { useAct } from "../kit/act";
import { useLanguage, useT } from "../locale";

type Platform = Row<"/api/platforms">;

interface AccountForm {
  platform: string;
  name: string;
  base_url?: string;
  fields?: Record<string, string>;
}

export function CredentialsStep({ onDone }: { onDone: (key: string) => void }) {
  const t = useT();
  const act = useAct();
  const [form] = Form.useForm<AccountForm>();
  const platforms = $api.useQuery("get", "/api/platforms");
  const told = act(["/api/accounts", "/api/setup"], t.core.accounts.created);
  const create = $api.useMutation("post", "/api/accounts", {
    onError: told.onError,
    onSuccess: (account) => {
      told.onSuccess();
      onDone(account.key);
    },
  });
  return (
    <Form
      form={form}
      layout="vertical"
      preserve={false}
      onFinish={({ platform, name, base_url, fields }) =>
        create.mutate({ body: { platform, name, base_url: base_url ?? "", fields: fields ?? {} } })
      }
    >
      <Fields platforms={platforms.data?.items ?? []} />
      <Button type="primary" htmlType="submit" loading={create.isPending}>
        {t.sync.setup.next}
      </Button>
    </Form>
  );
}

function Fields({ platforms }: { platforms: Platform[] }) {
  const words = useT().core.accounts;
  const language = useLanguage();
  const chosen = Form.useWatch("platform");
  const platform = platforms.find((item) => item.name === chosen);
  return (
    <>
      <Form.Item name="platform" label={words.choose} rules={[{ required: true }]}>
        <Select
          options={platforms.map((item) => ({
            value: item.name,
            label: language === "zh" ? item.zh : item.en,
          }))}
        />
      </Form.Item>
      <Form.Item name="name" label={words.name} extra={words.nameHint} rules={[{ required: true }]}>
        <Input maxLength={64} />
      </Form.Item>
      {platform?.fields.map((field) => (
        <Form.Item
          key={field.name}
          name={["fields", field.name]}
          label={language === "zh" ? field.zh : field.en}
          extra={[
            language === "zh" ? field.help_zh : field.help_en,
            field.is_secret ? words.secret : "",
          ]
            .filter(Boolean)
            .join(" · ")}
          rules={[{ required: field.is_required }]}
        >
          {field.is_secret ? (
            <Input.Password autoComplete="new-password" />
          ) : (
            <Input autoComplete="off" />
          )}
        </Form.Item>
      ))}
      {platform ? (
        <Form.Item name="base_url" label={words.baseUrl} extra={words.baseUrlHint}>
          <Input placeholder={platform.base_url} />
        </Form.Item>
      ) : null}
    </>
  );
}
