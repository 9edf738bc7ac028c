/** A customer, and the button that does something with him. */
import { Button, Flex } from "antd";
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
    <Flex wrap gap={8} style={{ maxWidth: 420 }}>
      <div style={{ flex: "1 1 200px", minWidth: 0 }}>
        <CustomerSelect label={label} value={customer} onChange={setCustomer} />
      </div>
      <Button
        disabled={customer === null}
        loading={isPending}
        onClick={() => customer !== null && onAsk(customer)}
      >
        {action}
      </Button>
    </Flex>
  );
}
