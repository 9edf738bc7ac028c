/** Accounts by what their platform offers. */
import { Button, Card } from "antd";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { $api, type Row } from "../api/client";
import { Answer, EmptyState } from "../kit/States";
import { useT } from "../locale";

export type Account = Row<"/api/accounts">;

interface NeedsAccountProps {
  offer: string;
  children: (accounts: Account[]) => ReactNode;
}

/** Shows its children with the fitting accounts, or how to connect one. */
export function NeedsAccount({ offer, children }: NeedsAccountProps) {
  const t = useT().fans;
  const accounts = $api.useQuery("get", "/api/accounts");
  const platforms = $api.useQuery("get", "/api/platforms");
  return (
    <Answer query={platforms}>
      {({ items }) => (
        <Answer query={accounts}>
          {({ items: all }) => {
            const offering = items
              .filter((one) => one.offers.includes(offer))
              .map((one) => one.name);
            const fit = all.filter((one) => one.is_active && offering.includes(one.platform));
            if (fit.length > 0) return children(fit);
            const connect = (
              <Link to="/accounts">
                <Button type="primary">{t.connect}</Button>
              </Link>
            );
            return (
              <Card>
                <EmptyState title={t.noAccount} hint={t.noAccountHint} action={connect} />
              </Card>
            );
          }}
        </Answer>
      )}
    </Answer>
  );
}

/** The choices of a select of accounts. */
export function accountOptions(accounts: Account[]): { value: string; label: string }[] {
  return accounts.map((one) => ({ value: one.key, label: one.name || one.key }));
}
