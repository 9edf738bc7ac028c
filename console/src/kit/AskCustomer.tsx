/** A customer, and the button that does something with him. */
import { Button, Space } from "antd";
import { useState } from "react";
import { CustomerSelect } from "./CustomerSelect";

interface AskCustomerProps {
  label: string;
  action: string;
  isPending?: boolean;
  onAsk: (customerId: number) => void;
}

export function AskCustomer({ label, action, isPending = false, onAsk }: AskCustomerProps) {
  const [customer, setCustomer] = useState<number | null>(null);
  return (
    <Space.Compact style={{ width: "100%", maxWidth: 420 }}>
      <CustomerSelect label={label} value={customer} onChange={setCustomer} />
      <Button
        disabled={customer === null}
        loading={isPending}
        onClick={() => customer !== null && onAsk(customer)}
      >
        {action}
      </Button>
    </Space.Compact>
  );
}
