/** Writing a moment, with how many would see it. */
import { App, Button, DatePicker, Drawer, Form, Input, InputNumber, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useNavigate } from "react-router";
import { $api } from "../api/client";
import { problemOf } from "../api/problem";
import { Attachments } from "../broadcasts/Attachments";
import { useStaffOptions } from "../broadcasts/looks";
import { formatInt } from "../kit/format";
import { useAccountLabel } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { useTagOptions } from "../pool/FilterSelects";
import type { Moment } from "./MomentsPage";

interface Values {
  name: string;
  account: string;
  text: string;
  attachments: Record<string, unknown>[];
  staff: string[];
  tag_ids: number[];
  scheduled_at?: Dayjs | null;
  watch_days: number;
}

interface FormProps {
  known: Moment | null;
  onClose: () => void;
}

export function MomentForm({ known, onClose }: FormProps) {
  const t = useT();
  const words = t.moments;
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Values>();
  const accounts = $api.useQuery("get", "/api/moments/accounts");
  const create = $api.useMutation("post", "/api/moments");
  const update = $api.useMutation("put", "/api/moments/{moment_id}");
  const save = async (values: Values) => {
    const body = bodyOf(values);
    try {
      if (known) await update.mutateAsync({ params: { path: { moment_id: known.id } }, body });
      const id = known?.id ?? (await create.mutateAsync({ body })).id;
      message.success(t.kit.saved);
      onClose();
      navigate(`/moments/${id}`);
    } catch (error) {
      const problem = problemOf(error);
      if (problem.field && problem.field in body)
        form.setFields([{ name: problem.field as keyof Values, errors: [problem.title] }]);
      else message.error(t.kit.failed(problem.title));
    }
  };
  const first = accounts.data?.items[0];
  if (accounts.isPending) return null;
  return (
    <Drawer
      title={known ? words.edit : words.add}
      open
      onClose={onClose}
      size={520}
      footer={
        <Button
          type="primary"
          onClick={() => form.submit()}
          loading={create.isPending || update.isPending}
        >
          {t.kit.save}
        </Button>
      }
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={known ? { ...known, scheduled_at: null } : initial(first)}
        onFinish={save}
      >
        <Fields accounts={accounts.data?.items ?? []} />
        <Estimate />
      </Form>
    </Drawer>
  );
}

function Fields({ accounts }: { accounts: string[] }) {
  const t = useT();
  const words = t.moments;
  const staff = useStaffOptions();
  const tags = useTagOptions();
  const label = useAccountLabel();
  return (
    <>
      <Form.Item name="name" label={words.name} rules={[{ required: true }]}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="account" label={words.account} rules={[{ required: true }]}>
        <Select
          placeholder={words.noAccount}
          options={accounts.map((value) => ({ value, label: label(value) }))}
        />
      </Form.Item>
      <Form.Item name="text" label={words.text}>
        <Input.TextArea autoSize={{ minRows: 4, maxRows: 12 }} maxLength={2000} showCount />
      </Form.Item>
      <p className="muted small" style={{ marginTop: 0 }}>
        {words.rule}
      </p>
      <Attachments kinds={["image", "video", "link"]} most={9} />
      <Form.Item name="staff" label={words.staff}>
        <Select mode="multiple" options={staff} placeholder={words.staffAll} />
      </Form.Item>
      <Form.Item name="tag_ids" label={words.tags}>
        <Select
          mode="multiple"
          options={tags}
          placeholder={words.tagsAll}
          optionFilterProp="label"
        />
      </Form.Item>
      <Form.Item name="scheduled_at" label={words.scheduled} extra={words.scheduledHint}>
        <DatePicker showTime={{ format: "HH:mm" }} style={{ width: 220 }} />
      </Form.Item>
      <Form.Item name="watch_days" label={words.watch}>
        <InputNumber min={1} max={30} precision={0} />
      </Form.Item>
    </>
  );
}

function Estimate() {
  const t = useT().moments;
  const language = useLanguage();
  const account: string | undefined = Form.useWatch("account");
  const staff: string[] = Form.useWatch("staff") ?? [];
  const tag_ids: number[] = Form.useWatch("tag_ids") ?? [];
  const found = $api.useQuery(
    "post",
    "/api/moments/estimate",
    { body: { name: "-", account: account ?? "", staff, tag_ids } as never },
    { enabled: Boolean(account) },
  );
  if (!found.data) return null;
  return (
    <div className="strong" data-testid="moment-estimate">
      {t.estimate(formatInt(found.data.customers, language), formatInt(found.data.staff, language))}
    </div>
  );
}

function initial(account: string | undefined): Partial<Values> {
  const rest = { text: "", attachments: [], staff: [], tag_ids: [], watch_days: 7 };
  return account ? { account, ...rest } : rest;
}

function bodyOf(values: Values) {
  return {
    name: values.name,
    account: values.account,
    text: values.text ?? "",
    attachments: values.attachments ?? [],
    staff: values.staff ?? [],
    tag_ids: values.tag_ids ?? [],
    scheduled_at: values.scheduled_at ? dayjs(values.scheduled_at).toISOString() : null,
    watch_days: values.watch_days ?? 7,
  };
}
