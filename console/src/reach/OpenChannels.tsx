/** Which channels to a customer are open now, until when, how often still, at what cost. */
import { Tag } from "antd";
import { $api, type Row } from "../api/client";
import { Answer, EmptyState } from "../kit/States";
import { useStaffName } from "../kit/staff";
import { Money, Time } from "../kit/Values";
import { useT } from "../locale";
import { useChannelLabel, useReason } from "./looks";

type Channel = Row<"/api/customers/{customer_id}/channels">;

export function OpenChannels({ customerId }: { customerId: number }) {
  const t = useT().reach.open;
  const channels = $api.useQuery("get", "/api/customers/{customer_id}/channels", {
    params: { path: { customer_id: customerId } },
  });
  return (
    <Answer query={channels}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState title={t.empty} hint={t.emptyHint} />
        ) : (
          <div className="records">
            {items.map((channel) => (
              <ChannelRecord
                key={`${channel.account}-${channel.channel}-${channel.sender}-${channel.identity_id}`}
                channel={channel}
              />
            ))}
          </div>
        )
      }
    </Answer>
  );
}

function ChannelRecord({ channel }: { channel: Channel }) {
  const t = useT().reach.open;
  const label = useChannelLabel();
  const say = useReason();
  const staffName = useStaffName();
  return (
    <div className="record">
      <div className="spread">
        <span className="strong">{label(channel.channel)}</span>
        <Tag color={channel.is_open ? "success" : "default"} style={{ margin: 0 }}>
          {channel.is_open ? t.open : t.closed}
        </Tag>
      </div>
      <div className="muted small row" style={{ columnGap: 16, marginTop: 4 }}>
        {channel.sender ? <span>{staffName(channel.account, channel.sender)}</span> : null}
        {channel.is_open ? null : <span>{say(channel.reason)}</span>}
        {channel.is_open && channel.until ? (
          <span>
            {t.until} <Time at={channel.until} />
          </span>
        ) : null}
        {channel.is_open && channel.remaining !== null ? (
          <span>{t.remaining(channel.remaining)}</span>
        ) : null}
        <span>{channel.cost_fen > 0 ? <Money fen={channel.cost_fen} /> : t.free}</span>
      </div>
    </div>
  );
}
