/** A customer's number and the button that does something with it. */
import { Button, InputNumber, Space } from "antd";
import { useState } from "react";

interface AskCustomerProps {
  label: string;
  action: string;
  isPending: boolean;
  onAsk: (customerId: number) => void;
}

export function AskCustomer({ label, action, isPending, onAsk }: AskCustomerProps) {
  const [customer, setCustomer] = useState<number | null>(null);
  return (
    <Space.Compact>
      <InputNumber
        aria-label={label}
        placeholder={label}
        min={1}
        precision={0}
        value={customer}
        onChange={setCustomer}
      />
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
