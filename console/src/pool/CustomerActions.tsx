/** Merge and erase. */
import { DeleteOutlined, MergeCellsOutlined, MoreOutlined } from "@ant-design/icons";
import { Alert, App, Button, Dropdown, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { $api } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { CustomerSelect } from "../kit/CustomerSelect";
import { valuesOf } from "../kit/form";
import { useT } from "../locale";
import type { Profile } from "./CustomerPage";

export function CustomerActions({ profile }: { profile: Profile }) {
  const t = useT();
  const may = useMay();
  const act = useAct();
  const navigate = useNavigate();
  const { modal } = App.useApp();
  const [isMerging, setMerging] = useState(false);
  const erase = $api.useMutation(
    "delete",
    "/api/customers/{customer_id}",
    act(["/api/customers"], t.pool.page.erased, () => navigate("/customers")),
  );
  const askErase = () =>
    modal.confirm({
      title: t.pool.page.erase,
      content: t.pool.page.eraseLead,
      okButtonProps: { danger: true },
      okText: t.pool.page.erase,
      onOk: () => erase.mutate({ params: { path: { customer_id: profile.id } } }),
    });
  return (
    <>
      {may("customer:merge") ? (
        <Button icon={<MergeCellsOutlined />} onClick={() => setMerging(true)}>
          {t.pool.page.merge}
        </Button>
      ) : null}
      {may("customer:erase") ? (
        <Dropdown
          trigger={["click"]}
          menu={{
            items: [
              { key: "erase", danger: true, icon: <DeleteOutlined />, label: t.pool.page.erase },
            ],
            onClick: askErase,
          }}
        >
          <Button icon={<MoreOutlined />} aria-label={t.pool.page.more} />
        </Dropdown>
      ) : null}
      <MergeDialog profile={profile} isOpen={isMerging} onClose={() => setMerging(false)} />
    </>
  );
}

interface MergeDialogProps {
  profile: Profile;
  isOpen: boolean;
  onClose: () => void;
}

function MergeDialog({ profile, isOpen, onClose }: MergeDialogProps) {
  const t = useT();
  const act = useAct();
  const [form] = Form.useForm<{ other_id: number; reason: string }>();
  const merge = $api.useMutation(
    "post",
    "/api/customers/merge",
    act(["/api/customers", "/api/conflicts"], t.pool.page.merged, onClose),
  );
  const submit = async () => {
    const values = await valuesOf(form);
    if (values) merge.mutate({ body: { keep_id: profile.id, ...values } });
  };
  return (
    <Modal
      title={t.pool.page.merge}
      open={isOpen}
      onCancel={onClose}
      onOk={submit}
      confirmLoading={merge.isPending}
      destroyOnHidden
    >
      <Alert type="info" title={t.pool.page.mergeLead} style={{ marginBottom: 16 }} />
      <Form form={form} layout="vertical" preserve={false}>
        <Form.Item name="other_id" label={t.pool.page.mergeOther} rules={[{ required: true }]}>
          <CustomerSelect />
        </Form.Item>
        <Form.Item name="reason" label={t.pool.page.mergeReason} rules={[{ required: true }]}>
          <Input.TextArea rows={2} maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
