/** The people who work here. */
import { PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Modal, Select, Switch, type TableColumnsType } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { Page } from "../kit/Page";
import { Records } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { labelOf, useT } from "../locale";
import { useSession } from "./session";

type User = Row<"/api/users">;

export default function UsersPage() {
  const t = useT().core.users;
  const users = $api.useQuery("get", "/api/users");
  const [isAdding, setAdding] = useState(false);
  const columns: TableColumnsType<User> = [
    { title: t.username, dataIndex: "username", className: "strong" },
    { title: t.displayName, dataIndex: "display_name" },
    { title: t.role, key: "role", render: (_, row) => <RoleSelect user={row} /> },
    { title: t.scope, dataIndex: "scope", render: (scope: "self") => t.scopes[scope] },
    { title: t.staffId, dataIndex: "staff_id", className: "mono" },
    { title: t.state, key: "state", render: (_, row) => <ActiveSwitch user={row} /> },
  ];
  return (
    <Page
      title={t.title}
      lead={t.lead}
      extra={
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
          {t.add}
        </Button>
      }
    >
      {users.isError ? (
        <ErrorState error={users.error} onRetry={() => users.refetch()} />
      ) : (
        <Records<User>
          rows={users.data?.items}
          rowKey={(row) => row.id}
          columns={columns}
          card={(row) => (
            <div className="stack" style={{ gap: 10 }}>
              <div className="spread">
                <span className="strong">{row.display_name || row.username}</span>
                <ActiveSwitch user={row} />
              </div>
              <div className="spread">
                <span className="muted mono">{row.username}</span>
                <RoleSelect user={row} />
              </div>
            </div>
          )}
          empty={<EmptyState title={t.empty} />}
        />
      )}
      <AddUser isOpen={isAdding} onClose={() => setAdding(false)} />
    </Page>
  );
}

function useRoleOptions(): { value: string; label: string }[] {
  const { roles } = useT().core;
  return Object.keys(roles).map((value) => ({ value, label: labelOf(roles, value) }));
}

function usePatch() {
  const act = useAct();
  return $api.useMutation("patch", "/api/users/{user_id}", act(["/api/users"]));
}

function RoleSelect({ user }: { user: User }) {
  const t = useT().core.users;
  const patch = usePatch();
  const me = useSession().data?.user.id;
  return (
    <Select
      size="small"
      aria-label={t.role}
      style={{ minWidth: 100 }}
      value={user.role}
      disabled={user.id === me}
      options={useRoleOptions()}
      onChange={(role) => patch.mutate({ params: { path: { user_id: user.id } }, body: { role } })}
    />
  );
}

function ActiveSwitch({ user }: { user: User }) {
  const t = useT().core.users;
  const patch = usePatch();
  const me = useSession().data?.user.id;
  return (
    <Switch
      size="small"
      aria-label={t.state}
      checked={user.is_active}
      disabled={user.id === me}
      onChange={(is_active) =>
        patch.mutate({ params: { path: { user_id: user.id } }, body: { is_active } })
      }
    />
  );
}

interface UserForm {
  username: string;
  display_name: string;
  role: string;
  scope: string;
  staff_id?: string;
  password: string;
}

function AddUser({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const t = useT().core.users;
  const act = useAct();
  const roles = useRoleOptions();
  const [form] = Form.useForm<UserForm>();
  const role = Form.useWatch("role", form);
  const scope = Form.useWatch("scope", form);
  const create = $api.useMutation("post", "/api/users", act(["/api/users"], undefined, onClose));
  const submit = async () => {
    const values = await valuesOf(form);
    if (values) {
      create.mutate({ body: { ...values, staff_id: values.staff_id ?? "", staff_account: "" } });
    }
  };
  return (
    <Modal
      title={t.add}
      open={isOpen}
      onCancel={onClose}
      onOk={submit}
      confirmLoading={create.isPending}
      destroyOnHidden
    >
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        clearOnDestroy
        initialValues={{ role: "operator" }}
      >
        <Form.Item name="username" label={t.username} rules={[{ required: true }]}>
          <Input maxLength={64} autoComplete="off" />
        </Form.Item>
        <Form.Item name="display_name" label={t.displayName} initialValue="">
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="role" label={t.role} rules={[{ required: true }]}>
          <Select options={roles} />
        </Form.Item>
        <Form.Item name="scope" label={t.scope} initialValue="">
          <Select options={Object.entries(t.scopes).map(([value, label]) => ({ value, label }))} />
        </Form.Item>
        {role === "guide" || role === "manager" || (scope && scope !== "all") ? (
          <Form.Item
            name="staff_id"
            label={t.staffId}
            extra={t.staffHint}
            rules={[{ required: true }]}
          >
            <Input maxLength={64} />
          </Form.Item>
        ) : null}
        <Form.Item
          name="password"
          label={t.password}
          extra={t.passwordHint}
          rules={[{ required: true, min: 10 }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
      </Form>
    </Modal>
  );
}
