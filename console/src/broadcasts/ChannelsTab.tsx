/** How one customer can be reached: open channels, and what the platforms still let him receive. */
import { OpenChannels } from "../reach/OpenChannels";
import { CustomerQuotas } from "./CustomerQuotas";

export function ChannelsTab({ customerId }: { customerId: number }) {
  return (
    <div className="stack">
      <OpenChannels customerId={customerId} />
      <CustomerQuotas customerId={customerId} />
    </div>
  );
}
