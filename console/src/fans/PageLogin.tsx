/** The address that signs a page's visitors in with WeChat and brings them back. */
import { Card, Form, Input, Segmented, Select, Typography } from "antd";
import { useState } from "react";
import { useT } from "../locale";
import { type Account, accountOptions } from "./accounts";
import { loginLink } from "./page_login";

export function PageLogin({ accounts }: { accounts: Account[] }) {
  const t = useT().fans;
  const words = t.pageLogin;
  const [account, setAccount] = useState(accounts[0]?.key ?? "");
  const [target, setTarget] = useState("/");
  const [scope, setScope] = useState("base");
  const link = loginLink(location.origin, account, { target, scope });
  return (
    <Card title={words.title}>
      <p className="muted">{words.lead}</p>
      <Form layout="vertical" style={{ maxWidth: 520 }}>
        <Form.Item label={t.account}>
          <Select
            aria-label={t.account}
            value={account}
            options={accountOptions(accounts)}
            onChange={setAccount}
          />
        </Form.Item>
        <Form.Item label={words.target} extra={words.targetHint}>
          <Input
            aria-label={words.target}
            value={target}
            maxLength={1000}
            onChange={(event) => setTarget(event.target.value)}
          />
        </Form.Item>
        <Form.Item label={words.scope}>
          <Segmented
            value={scope}
            onChange={setScope}
            options={Object.entries(words.scopes).map(([value, label]) => ({ value, label }))}
          />
        </Form.Item>
      </Form>
      <Typography.Text copyable code className="break" data-testid="login-link">
        {link}
      </Typography.Text>
      <ol className="muted">
        {words.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </Card>
  );
}
