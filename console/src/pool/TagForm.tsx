/** Changing a tag: its name, group and expiry; merging it into another; archiving it. */
import { App, Button, DatePicker, Form, Input, InputNumber, Modal, Select } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { formatInt } from "../kit/format";
import { useLanguage, useT } from "../locale";
import { useTagOptions } from "./FilterSelects";
import type { TagDetail, TagGroup } from "./TagsPage";

interface TagFormProps {
  tag: TagDetail | null;
  group: TagGroup;
  onClose: () => void;
}

interface Values {
  name: string;
  group_id: number;
  expiry: "never" | "days" | "until";
  expires_days: number | null;
  expires_at: dayjs.Dayjs | null;
}

const CHANGED = ["/api/tag-groups", "/api/tags", "/api/tag-sync", "/api/customers"];

export function TagForm({ tag, group, onClose }: TagFormProps) {
  const t = useT();
  const act = useAct();
  const [form] = Form.useForm<Values>();
  const [isMerging, setMerging] = useState(false);
  const update = $api.useMutation("patch", "/api/tags/{tag_id}", act(CHANGED, undefined, onClose));
  const submit = async () => {
    const values = await valuesOf(form);
    if (!values || !tag) return;
    update.mutate({
      params: { path: { tag_id: tag.id } },
      body: {
        name: values.name,
        group_id: values.group_id,
        expires_days: values.expiry === "days" ? values.expires_days : null,
        expires_at: values.expiry === "until" ? (values.expires_at?.toISOString() ?? null) : null,
      },
    });
  };
  return (
    <>
      <Modal
        title={t.tagging.editTag}
        open={tag !== null && !isMerging}
        onCancel={onClose}
        onOk={submit}
        okText={t.kit.save}
        confirmLoading={update.isPending}
        destroyOnHidden
      >
        {tag ? (
          <>
            <Form
              form={form}
              layout="vertical"
              preserve={false}
              clearOnDestroy
              initialValues={initialOf(tag, group)}
            >
              <Fields />
            </Form>
            <Doings tag={tag} onMerge={() => setMerging(true)} onClose={onClose} />
          </>
        ) : null}
      </Modal>
      <MergeDialog
        tag={isMerging ? tag : null}
        onClose={() => {
          setMerging(false);
          onClose();
        }}
      />
    </>
  );
}

function initialOf(tag: TagDetail, group: TagGroup): Values {
  return {
    name: tag.name,
    group_id: group.id,
    expiry: tag.expires_days ? "days" : tag.expires_at ? "until" : "never",
    expires_days: tag.expires_days,
    expires_at: tag.expires_at ? dayjs(tag.expires_at) : null,
  };
}

function Fields() {
  const t = useT().tagging;
  const groups = $api.useQuery("get", "/api/tag-groups");
  const expiry = Form.useWatch("expiry");
  return (
    <>
      <Form.Item name="name" label={useT().pool.tags.name} rules={[{ required: true }]}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="group_id" label={t.group}>
        <Select
          options={(groups.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
        />
      </Form.Item>
      <Form.Item name="expiry" label={t.expiry} extra={t.expiryHint}>
        <Select
          options={(["never", "days", "until"] as const).map((value) => ({
            value,
            label: t[value],
          }))}
        />
      </Form.Item>
      {expiry === "days" ? (
        <Form.Item name="expires_days" rules={[{ required: true }]}>
          <InputNumber min={1} max={3660} precision={0} suffix={t.daysUnit} aria-label={t.days} />
        </Form.Item>
      ) : null}
      {expiry === "until" ? (
        <Form.Item name="expires_at" rules={[{ required: true }]}>
          <DatePicker showTime aria-label={t.until} />
        </Form.Item>
      ) : null}
    </>
  );
}

interface DoingsProps {
  tag: TagDetail;
  onMerge: () => void;
  onClose: () => void;
}

function Doings({ tag, onMerge, onClose }: DoingsProps) {
  const t = useT().tagging;
  const language = useLanguage();
  const act = useAct();
  const { modal } = App.useApp();
  const count = $api.useQuery("get", "/api/customers/count", {
    params: { query: { tag_id: tag.id } },
  });
  const remove = $api.useMutation("delete", "/api/tags/{tag_id}", act(CHANGED, undefined, onClose));
  const ask = () =>
    modal.confirm({
      title: `${t.archive} “${tag.name}”`,
      content: t.archiveAsk,
      okButtonProps: { danger: true },
      onOk: () => remove.mutate({ params: { path: { tag_id: tag.id } } }),
    });
  return (
    <div className="spread">
      <span className="muted small">
        {count.data ? t.carriers(formatInt(count.data.count, language)) : "…"}
      </span>
      <span className="row tight">
        <Button size="small" onClick={onMerge}>
          {t.merge}
        </Button>
        <Button size="small" danger onClick={ask}>
          {t.archive}
        </Button>
      </span>
    </div>
  );
}

function MergeDialog({ tag, onClose }: { tag: TagDetail | null; onClose: () => void }) {
  const t = useT().tagging;
  const act = useAct();
  const options = useTagOptions();
  const [into, setInto] = useState<number | null>(null);
  const merge = $api.useMutation(
    "post",
    "/api/tags/{tag_id}/merge",
    act(CHANGED, t.merged, onClose),
  );
  const others = options.map((group) => ({
    ...group,
    options: group.options.filter((one) => one.value !== tag?.id),
  }));
  const submit = () => {
    if (tag && into) {
      merge.mutate({ params: { path: { tag_id: tag.id } }, body: { into_id: into } });
    }
  };
  return (
    <Modal
      title={tag ? `${t.merge} “${tag.name}”` : ""}
      open={tag !== null}
      onCancel={onClose}
      onOk={submit}
      okButtonProps={{ danger: true, disabled: into === null }}
      confirmLoading={merge.isPending}
      destroyOnHidden
    >
      <p className="muted">{t.mergeHint}</p>
      <Select
        style={{ width: "100%" }}
        aria-label={t.mergeInto}
        placeholder={t.mergeInto}
        showSearch={{ optionFilterProp: "label" }}
        options={others}
        value={into}
        onChange={setInto}
      />
    </Modal>
  );
}
