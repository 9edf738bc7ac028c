/** The door. */
import { LockOutlined, UserOutlined } from "@ant-design/icons";
import { Alert, Button, Form, Input } from "antd";
import { problemOf } from "../api/problem";
import { Mark } from "../app/Mark";
import { Looks } from "../app/TopBar";
import { useT } from "../locale";
import { useSignIn } from "./session";

export function LoginPage() {
  const t = useT().core.login;
  const signIn = useSignIn();
  return (
    <div className="login">
      <section className="art">
        <div className="brand" style={{ padding: 0, position: "relative" }}>
          <Mark size={34} />
          Siyu 私域
        </div>
        <div className="stack" style={{ gap: 20 }}>
          <h2>{t.slogan}</h2>
          <p>{t.lead}</p>
        </div>
        <Mark size={520} className="flower" />
      </section>
      <section className="form">
        <div className="corner">
          <Looks />
        </div>
        <Form
          layout="vertical"
          size="large"
          requiredMark={false}
          onFinish={(values: { username: string; password: string }) => signIn.mutate(values)}
        >
          <div className="row" style={{ marginBottom: 24 }}>
            <Mark size={36} />
            <h1 style={{ margin: 0, fontSize: 24 }}>{t.title}</h1>
          </div>
          {signIn.error ? (
            <Alert
              type="error"
              showIcon
              style={{ marginBottom: 16 }}
              title={<Reason error={signIn.error} />}
            />
          ) : null}
          <Form.Item name="username" label={t.username} rules={[{ required: true }]}>
            <Input prefix={<UserOutlined className="muted" />} autoComplete="username" autoFocus />
          </Form.Item>
          <Form.Item name="password" label={t.password} rules={[{ required: true }]}>
            <Input.Password
              prefix={<LockOutlined className="muted" />}
              autoComplete="current-password"
            />
          </Form.Item>
          <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
            {t.submit}
          </Button>
          <p className="muted small" style={{ marginTop: 20 }}>
            {t.forgot}
          </p>
        </Form>
      </section>
    </div>
  );
}

function Reason({ error }: { error: unknown }) {
  const t = useT();
  const problem = problemOf(error);
  if (problem.code === "network") return <>{t.kit.errors.network}</>;
  if (problem.status === 429) return <>{t.core.login.slow}</>;
  if (problem.status >= 500) return <>{t.kit.errors.server}</>;
  return (
    <>{problem.status === 401 || problem.status === 422 ? t.core.login.wrong : problem.title}</>
  );
}
