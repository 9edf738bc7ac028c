/** Registering a guide for the card after payment. */
import { Button, Drawer, Form, Input, Select } from "antd";
import { $api } from "../api/client";
import { useAccountsOffering } from "../core/offering";
import { useAct } from "../kit/act";
import { useT } from "../locale";
import type { CardGuide } from "./GuideCardsPage";

interface GuideValues {
  account: string;
  corp_id: string;
  store_id: string;
  userid: string;
  name: string;
  mobile: string;
  qr_code: string;
  avatar: string;
  state: string;
}

interface GuideFormProps {
  guide: CardGuide | "new" | null;
  onClose: () => void;
}

export function GuideForm({ guide, onClose }: GuideFormProps) {
  const t = useT();
  const words = t.payments.cards;
  const act = useAct();
  const [form] = Form.useForm<GuideValues>();
  const accounts = useAccountsOffering("guide_cards");
  const save = $api.useMutation(
    "post",
    "/api/guide-cards",
    act(["/api/guide-cards"], undefined, onClose),
  );
  const known = guide && guide !== "new" ? guide : null;
  const fields = [
    ["store_id", words.store, ""],
    ["corp_id", words.corp, ""],
    ["userid", words.userid, ""],
    ["name", words.name, ""],
    ["mobile", words.mobile, words.mobileHint],
    ["qr_code", words.qr, words.qrHint],
  ] as const;
  return (
    <Drawer
      title={known ? words.edit : words.add}
      open={guide !== null}
      onClose={onClose}
      size={440}
      destroyOnHidden
      footer={
        <Button type="primary" loading={save.isPending} onClick={() => form.submit()}>
          {t.kit.save}
        </Button>
      }
    >
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        clearOnDestroy
        initialValues={{ account: accounts[0]?.value, avatar: "", state: "", ...known }}
        onFinish={(body) => save.mutate({ body })}
      >
        <Form.Item name="account" label={t.payments.rewards.account} rules={[{ required: true }]}>
          <Select options={accounts} disabled={known !== null} />
        </Form.Item>
        {fields.map(([name, label, hint]) => (
          <Form.Item
            key={name}
            name={name}
            label={label}
            extra={hint || undefined}
            rules={[{ required: true, whitespace: true }]}
          >
            <Input
              maxLength={512}
              disabled={known !== null && (name === "store_id" || name === "userid")}
            />
          </Form.Item>
        ))}
        <Form.Item name="state" label={words.state} extra={words.stateHint}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="avatar" label={words.avatar}>
          <Input maxLength={512} />
        </Form.Item>
      </Form>
    </Drawer>
  );
}
