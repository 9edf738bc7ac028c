/** Our accounts on the platforms. */
import { PlusOutlined } from "@ant-design/icons";
import { Button, Card } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { Page } from "../kit/Page";
import { Answer, EmptyState } from "../kit/States";
import { useT } from "../locale";
import { AccountCard } from "./AccountCard";
import { AddAccount } from "./AddAccount";
import { useMay } from "./session";

export default function AccountsPage() {
  const t = useT().core.accounts;
  const may = useMay();
  const [isAdding, setAdding] = useState(false);
  const accounts = $api.useQuery("get", "/api/accounts");
  const add = may("account:write") ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t.add}
    </Button>
  ) : null;
  return (
    <Page title={t.title} lead={t.lead} extra={add}>
      <Answer query={accounts} rows={8}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <EmptyState title={t.empty} hint={t.emptyHint} action={add} />
            </Card>
          ) : (
            <div
              className="grid"
              style={{ gridTemplateColumns: "repeat(auto-fill, minmax(min(100%, 440px), 1fr))" }}
            >
              {items.map((account) => (
                <AccountCard key={account.key} account={account} />
              ))}
            </div>
          )
        }
      </Answer>
      <AddAccount isOpen={isAdding} onClose={() => setAdding(false)} />
    </Page>
  );
}
