/** One store: its data and who works there. */
import { Button, Divider, Form, Input, InputNumber, Modal, Select, Space, Switch } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { useStaffName } from "../kit/staff";
import { useT } from "../locale";
import { StaffSelect, splitStaff } from "./StaffSelect";
import { type Store, useRegionOptions } from "./StoresPage";

interface StoreFormProps {
  store?: Store;
  onClose: () => void;
}

type Values = Omit<Store, "staff">;

export function StoreForm({ store, onClose }: StoreFormProps) {
  const t = useT().org.stores;
  const act = useAct();
  const [form] = Form.useForm<Values>();
  const options = useRegionOptions();
  const save = $api.useMutation(
    "put",
    "/api/stores/{code}",
    act(["/api/stores", "/api/regions"], undefined, onClose),
  );
  const submit = async () => {
    const values = await valuesOf(form);
    if (!values) return;
    const { code, ...body } = values;
    save.mutate({ params: { path: { code } }, body: { ...body, region: body.region ?? "" } });
  };
  const initial = store ?? { is_active: true, is_online: false };
  return (
    <Modal
      open
      title={store ? t.edit : t.add}
      onCancel={onClose}
      onOk={submit}
      confirmLoading={save.isPending}
      width={640}
    >
      <Form form={form} layout="vertical" initialValues={initial}>
        <Space.Compact block>
          <Form.Item name="code" label={t.code} rules={[{ required: true }]} style={{ flex: 1 }}>
            <Input maxLength={32} disabled={store !== undefined} />
          </Form.Item>
          <Form.Item name="name" label={t.name} rules={[{ required: true }]} style={{ flex: 2 }}>
            <Input maxLength={64} />
          </Form.Item>
        </Space.Compact>
        <Form.Item name="region" label={t.region}>
          <Select allowClear placeholder={t.noRegion} options={options} />
        </Form.Item>
        <Space.Compact block>
          <Form.Item name="city" label={t.city} style={{ flex: 1 }}>
            <Input maxLength={32} />
          </Form.Item>
          <Form.Item name="address" label={t.address} style={{ flex: 2 }}>
            <Input maxLength={200} />
          </Form.Item>
        </Space.Compact>
        <Space.Compact block>
          <Form.Item name="phone" label={t.phone} style={{ flex: 1 }}>
            <Input maxLength={32} />
          </Form.Item>
          <Form.Item name="hours" label={t.hours} style={{ flex: 1 }}>
            <Input maxLength={64} />
          </Form.Item>
          <Form.Item name="lat" label={t.lat} style={{ flex: 1 }}>
            <InputNumber min={-90} max={90} style={{ width: "100%" }} />
          </Form.Item>
          <Form.Item name="lng" label={t.lng} style={{ flex: 1 }}>
            <InputNumber min={-180} max={180} style={{ width: "100%" }} />
          </Form.Item>
        </Space.Compact>
        <Space size="large">
          <Form.Item name="is_online" label={t.online} valuePropName="checked">
            <Switch />
          </Form.Item>
          <Form.Item name="is_active" label={t.active} valuePropName="checked">
            <Switch />
          </Form.Item>
        </Space>
      </Form>
      {store ? <Posts code={store.code} /> : null}
    </Modal>
  );
}

function Posts({ code }: { code: string }) {
  const t = useT().org.stores;
  const act = useAct();
  const staffName = useStaffName();
  const [chosen, setChosen] = useState<string>();
  const [role, setRole] = useState("guide");
  const stores = $api.useQuery("get", "/api/stores", { params: { query: {} } });
  const staff = stores.data?.items.find((one) => one.code === code)?.staff ?? [];
  const put = $api.useMutation("post", "/api/posts", act(["/api/stores"]));
  const end = $api.useMutation("post", "/api/posts/end", act(["/api/stores"]));
  const roles = { guide: t.roles.guide, store_manager: t.roles.store_manager };
  return (
    <>
      <Divider style={{ margin: "8px 0" }}>{t.posts}</Divider>
      <div className="stack" style={{ gap: 8 }}>
        {staff.map(({ account, staff: who, role: post }) => (
          <div className="spread" key={`${account}${who}`}>
            <span>
              {staffName(account, who)}{" "}
              <span className="muted small">{t.roles[post as "guide"]}</span>
            </span>
            <Button
              size="small"
              onClick={() =>
                end.mutate({ body: { account, staff: who, store: code, role: "", region: "" } })
              }
            >
              {t.endPost}
            </Button>
          </div>
        ))}
        <Space.Compact block>
          <StaffSelect value={chosen} onChange={setChosen} label={t.pickStaff} />
          <Select
            aria-label={t.posts}
            value={role}
            onChange={setRole}
            style={{ width: 130 }}
            options={Object.entries(roles).map(([value, label]) => ({ value, label }))}
          />
          <Button
            disabled={!chosen}
            loading={put.isPending}
            onClick={() =>
              chosen &&
              put.mutate({ body: { ...splitStaff(chosen), role, store: code, region: "" } })
            }
          >
            {t.addPost}
          </Button>
        </Space.Compact>
      </div>
    </>
  );
}
