/** A new region. */
import { Form, Input, Modal, Select } from "antd";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { useT } from "../locale";
import { useRegionOptions } from "./StoresPage";

interface RegionValues {
  code: string;
  name: string;
  parent?: string;
}

export function RegionForm({ onClose }: { onClose: () => void }) {
  const t = useT().org.stores;
  const act = useAct();
  const [form] = Form.useForm<RegionValues>();
  const options = useRegionOptions();
  const save = $api.useMutation(
    "put",
    "/api/regions/{code}",
    act(["/api/regions"], undefined, onClose),
  );
  const submit = async () => {
    const values = await valuesOf(form);
    if (!values) return;
    const body = { name: values.name, parent: values.parent ?? "" };
    save.mutate({ params: { path: { code: values.code } }, body });
  };
  return (
    <Modal
      open
      title={t.addRegion}
      onCancel={onClose}
      onOk={submit}
      confirmLoading={save.isPending}
    >
      <Form form={form} layout="vertical">
        <Form.Item name="code" label={t.code} rules={[{ required: true }]}>
          <Input maxLength={32} />
        </Form.Item>
        <Form.Item name="name" label={t.name} rules={[{ required: true }]}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="parent" label={t.parent}>
          <Select allowClear options={options} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
