/** What a developer puts into the mini program: the file, and a few lines to start it. */
import { DownloadOutlined } from "@ant-design/icons";
import { Button, Card, Select, Typography } from "antd";
import { useState } from "react";
import { useT } from "../locale";
import { type Account, accountOptions } from "./accounts";

export function Snippet({ accounts }: { accounts: Account[] }) {
  const t = useT().fans;
  const [account, setAccount] = useState(accounts[0]?.key ?? "");
  return (
    <Card
      title={t.snippet.title}
      extra={
        <Button icon={<DownloadOutlined />} href="/sdk/siyu-mini.js" download="siyu-mini.js">
          {t.snippet.download}
        </Button>
      }
    >
      <div className="stack">
        <p className="muted">{t.snippet.lead}</p>
        <Select
          style={{ maxWidth: 320 }}
          aria-label={t.account}
          value={account}
          options={accountOptions(accounts)}
          onChange={setAccount}
        />
        <ol className="muted">
          {t.snippet.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        <Typography.Paragraph copyable={{ text: startCode(account) }}>
          <pre style={{ overflowX: "auto" }}>{startCode(account)}</pre>
        </Typography.Paragraph>
        <Typography.Paragraph copyable={{ text: USE }}>
          <pre style={{ overflowX: "auto" }}>{USE}</pre>
        </Typography.Paragraph>
      </div>
    </Card>
  );
}

function startCode(account: string): string {
  return `// app.js
const siyu = require("./siyu-mini.js");

siyu.start({
  host: "${location.origin}",
  writeKey: "swk_…",
  account: "${account}",
});

App({ onLaunch() { siyu.login(); } });`;
}

const USE = `// pages
siyu.track("Product Viewed", { sku: "SC-001", price: 168 });
siyu.identify("u100001", { name: "小满" });
// <button open-type="getPhoneNumber" bindgetphonenumber="onPhone">
onPhone(event) { siyu.sharePhone(event.detail.code); }`;
