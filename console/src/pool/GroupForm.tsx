/** Making or changing a tag group. */
import { ColorPicker, Form, Input, Modal, Switch } from "antd";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { useT } from "../locale";
import type { TagGroup } from "./TagsPage";

interface GroupFormProps {
  group: TagGroup | "new" | null;
  onClose: () => void;
}

interface Values {
  name: string;
  color: string;
  is_exclusive: boolean;
}

export function GroupForm({ group, onClose }: GroupFormProps) {
  const t = useT().tagging;
  const act = useAct();
  const [form] = Form.useForm<Values>();
  const saved = act(
    ["/api/tag-groups", "/api/tags", "/api/tag-sync", "/api/customers"],
    undefined,
    onClose,
  );
  const create = $api.useMutation("post", "/api/tag-groups", saved);
  const update = $api.useMutation("patch", "/api/tag-groups/{group_id}", saved);
  const submit = async () => {
    const body = await valuesOf(form);
    if (!body) return;
    if (group === "new") create.mutate({ body });
    else if (group) update.mutate({ params: { path: { group_id: group.id } }, body });
  };
  const initial: Values =
    group && group !== "new"
      ? { name: group.name, color: group.color, is_exclusive: group.is_exclusive }
      : { name: "", color: "", is_exclusive: false };
  return (
    <Modal
      title={group === "new" ? t.addGroup : t.editGroup}
      open={group !== null}
      onCancel={onClose}
      onOk={submit}
      confirmLoading={create.isPending || update.isPending}
      destroyOnHidden
    >
      <Form form={form} layout="vertical" preserve={false} clearOnDestroy initialValues={initial}>
        <Form.Item name="name" label={t.groupName} rules={[{ required: true }]}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item
          name="color"
          label={t.color}
          getValueFromEvent={(color) => (color ? color.toHexString().slice(0, 7) : "")}
        >
          <ColorPicker disabledAlpha allowClear />
        </Form.Item>
        <Form.Item
          name="is_exclusive"
          label={t.exclusive}
          extra={t.exclusiveHint}
          valuePropName="checked"
        >
          <Switch />
        </Form.Item>
      </Form>
    </Modal>
  );
}
