/** Making or changing an automatic reply. */
import { Button, Drawer, Form, Input, InputNumber, Select } from "antd";
import { $api } from "../api/client";
import { MaterialPicker } from "../broadcasts/Attachments";
import { useAct } from "../kit/act";
import { useT } from "../locale";
import type { AutoReply } from "./AutoReplies";
import { accountOptions } from "./accounts";

type Values = Omit<AutoReply, "id" | "hits" | "is_active" | "is_ready">;

interface ReplyFormProps {
  reply: AutoReply | "new" | null;
  onClose: () => void;
}

const BLANK: Values = {
  name: "",
  account: "",
  trigger: "message",
  match: "contains",
  words: [],
  reply: { kind: "text" },
  position: 0,
};

export function ReplyForm({ reply, onClose }: ReplyFormProps) {
  const t = useT();
  const words = t.fans.replies;
  const [form] = Form.useForm<Values>();
  const saved = useAct()(["/api/auto-replies"], undefined, onClose);
  const create = $api.useMutation("post", "/api/auto-replies", saved);
  const update = $api.useMutation("put", "/api/auto-replies/{reply_id}", saved);
  const submit = (values: Values) => {
    const body = { ...BLANK, ...values, words: values.words ?? [] };
    if (reply === "new") create.mutate({ body: { ...body, is_active: true } });
    else if (reply) {
      const params = { path: { reply_id: reply.id } };
      update.mutate({ params, body: { ...body, is_active: reply.is_active } });
    }
  };
  return (
    <Drawer
      title={reply === "new" ? words.add : words.edit}
      open={reply !== null}
      onClose={onClose}
      size={520}
      destroyOnHidden
      footer={
        <Button
          type="primary"
          loading={create.isPending || update.isPending}
          onClick={() => form.submit()}
        >
          {t.kit.save}
        </Button>
      }
    >
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        clearOnDestroy
        initialValues={reply && reply !== "new" ? reply : BLANK}
        onFinish={submit}
      >
        <When />
        <What />
      </Form>
    </Drawer>
  );
}

function When() {
  const t = useT().fans.replies;
  const accounts = $api.useQuery("get", "/api/accounts");
  const trigger = Form.useWatch("trigger");
  return (
    <>
      <Form.Item name="name" label={t.name} rules={[{ required: true }]}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="account" label={t.account}>
        <Select
          options={[
            { value: "", label: t.everyAccount },
            ...accountOptions(accounts.data?.items ?? []),
          ]}
        />
      </Form.Item>
      <Form.Item name="trigger" label={t.trigger}>
        <Select options={Object.entries(t.triggers).map(([value, label]) => ({ value, label }))} />
      </Form.Item>
      {trigger === "message" ? (
        <Form.Item name="match" label={t.match}>
          <Select options={Object.entries(t.matches).map(([value, label]) => ({ value, label }))} />
        </Form.Item>
      ) : null}
      {trigger === "default" ? null : (
        <Form.Item
          name="words"
          label={t.words}
          extra={
            trigger === "follow" ? t.followHint : trigger === "click" ? t.clickHint : t.wordsHint
          }
          rules={[{ required: trigger === "message" }]}
        >
          <Select mode="tags" open={false} tokenSeparators={[",", "，", " "]} />
        </Form.Item>
      )}
      <Form.Item name="position" label={t.position} extra={t.positionHint}>
        <InputNumber min={-1000} max={1000} />
      </Form.Item>
    </>
  );
}

const PIECES: Record<string, string[]> = {
  text: [],
  link: ["title", "url", "description", "image_url"],
  image: [],
  mini_program: ["title", "app_id", "page"],
};
const OPTIONAL = new Set(["description", "image_url"]);

function What() {
  const t = useT().fans.replies;
  const kind: string = Form.useWatch(["reply", "kind"]) ?? "text";
  return (
    <>
      <Form.Item name={["reply", "kind"]} label={t.kind}>
        <Select options={Object.entries(t.kinds).map(([value, label]) => ({ value, label }))} />
      </Form.Item>
      {kind === "text" ? (
        <Form.Item name={["reply", "text"]} label={t.text} rules={[{ required: true }]}>
          <Input.TextArea rows={4} maxLength={600} showCount />
        </Form.Item>
      ) : null}
      {kind === "image" ? (
        <Form.Item
          name={["reply", "material"]}
          label={t.picture}
          extra={t.pictureHint}
          rules={[{ required: true }]}
          getValueProps={(id?: string) => (id ? { value: Number(id) } : {})}
          normalize={(id: number) => String(id)}
        >
          <MaterialPicker kind="image" />
        </Form.Item>
      ) : null}
      {(PIECES[kind] ?? []).map((piece) => (
        <Form.Item
          key={piece}
          name={["reply", piece]}
          label={t.pieces[piece as keyof typeof t.pieces]}
          rules={[{ required: !OPTIONAL.has(piece) }]}
        >
          <Input maxLength={500} />
        </Form.Item>
      ))}
    </>
  );
}
