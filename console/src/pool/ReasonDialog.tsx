/** Asks for a reason before something is done that others will read about. */
import { Form, Input, Modal } from "antd";
import type { ReactNode } from "react";
import { valuesOf } from "../kit/form";
import { useT } from "../locale";

interface ReasonDialogProps {
  title: string;
  lead: ReactNode;
  isOpen: boolean;
  isPending: boolean;
  isDanger?: boolean;
  onClose: () => void;
  onDone: (reason: string) => void;
}

export function ReasonDialog(props: ReasonDialogProps) {
  const t = useT().kit;
  const [form] = Form.useForm<{ reason: string }>();
  const submit = async () => {
    const values = await valuesOf(form);
    if (values) props.onDone(values.reason);
  };
  return (
    <Modal
      title={props.title}
      open={props.isOpen}
      onCancel={props.onClose}
      onOk={submit}
      okButtonProps={{ danger: props.isDanger ?? false }}
      confirmLoading={props.isPending}
      destroyOnHidden
    >
      <div className="muted" style={{ marginBottom: 12 }}>
        {props.lead}
      </div>
      <Form form={form} layout="vertical" preserve={false}>
        <Form.Item name="reason" label={t.reason} rules={[{ required: true, whitespace: true }]}>
          <Input.TextArea rows={2} maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
