/** What a customer did and what we did, newest first, without end. */
import {
  CommentOutlined,
  DisconnectOutlined,
  EyeOutlined,
  HeartOutlined,
  IdcardOutlined,
  RollbackOutlined,
  SendOutlined,
  ShareAltOutlined,
  ShoppingCartOutlined,
  ShoppingOutlined,
  SyncOutlined,
  ThunderboltOutlined,
  UserAddOutlined,
} from "@ant-design/icons";
import { Button, Timeline as Line, Skeleton } from "antd";
import { type ReactNode, useEffect, useRef } from "react";
import { $api, type Row } from "../api/client";
import { EmptyState, ErrorState } from "../kit/States";
import { useStaffName } from "../kit/staff";
import { Platform, Time } from "../kit/Values";
import { labelOf, useT } from "../locale";

type Event = Row<"/api/customers/{customer_id}/timeline">;

const ICONS: Record<string, ReactNode> = {
  friend_added: <UserAddOutlined />,
  followed: <HeartOutlined />,
  friend_lost: <DisconnectOutlined />,
  friend_removed: <DisconnectOutlined />,
  unfollowed: <DisconnectOutlined />,
  friend_synced: <SyncOutlined />,
  message_received: <CommentOutlined />,
  message_sent: <SendOutlined />,
  chat_entered: <CommentOutlined />,
  order_completed: <ShoppingOutlined />,
  order_refunded: <RollbackOutlined />,
  product_added: <ShoppingCartOutlined />,
  referred: <ShareAltOutlined />,
  identified: <IdcardOutlined />,
  page_viewed: <EyeOutlined />,
  page: <EyeOutlined />,
  product_viewed: <EyeOutlined />,
};

/** Marks of the wire that say nothing to a person. */
const HIDDEN = new Set([
  "state",
  "add_way",
  "contact_type",
  "added_at",
  "product_id",
  "sku",
  "total",
  "message_type",
  "currency",
  "trait_mode",
]);

const SAD = new Set(["friend_lost", "friend_removed", "unfollowed", "order_refunded"]);
const GLAD = new Set(["order_completed", "referred"]);

export function Timeline({ customerId }: { customerId: number }) {
  const t = useT();
  const pages = $api.useInfiniteQuery(
    "get",
    "/api/customers/{customer_id}/timeline",
    { params: { path: { customer_id: customerId }, query: { limit: 30 } } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: (last) => last.next_cursor ?? undefined,
    },
  );
  if (pages.isError) return <ErrorState error={pages.error} onRetry={() => pages.refetch()} />;
  if (!pages.data) return <Skeleton active paragraph={{ rows: 8 }} />;
  const events = pages.data.pages.flatMap((page) => page.items);
  if (events.length === 0) {
    return <EmptyState title={t.pool.timeline.empty} hint={t.pool.timeline.emptyHint} />;
  }
  return (
    <div style={{ paddingTop: 12 }}>
      <Line
        items={events.map((event) => ({
          key: event.id,
          icon: ICONS[event.name] ?? <ThunderboltOutlined />,
          color: colorOf(event.name),
          content: <EventRow event={event} />,
        }))}
      />
      {pages.hasNextPage ? (
        <More isLoading={pages.isFetchingNextPage} onMore={() => pages.fetchNextPage()} />
      ) : (
        <div className="muted small" style={{ textAlign: "center" }}>
          {t.pool.timeline.end}
        </div>
      )}
    </div>
  );
}

function colorOf(name: string): string {
  if (SAD.has(name)) return "var(--camellia)";
  return GLAD.has(name) ? "var(--amber)" : "var(--tea)";
}

function EventRow({ event }: { event: Event }) {
  const staffName = useStaffName();
  const t = useT().pool;
  const details = Object.entries(event.properties).filter(
    ([key, value]) => !HIDDEN.has(key) && typeof value !== "object" && value !== "" && value !== 0,
  );
  return (
    <div>
      <div className="spread">
        <span className="strong">{labelOf(t.events, event.name)}</span>
        <span className="muted small">
          <Time at={event.at} />
        </span>
      </div>
      <div className="muted small row" style={{ columnGap: 12, rowGap: 0 }}>
        <Platform code={event.platform} />
        {event.staff ? <span>{staffName("", event.staff)}</span> : null}
        {details.slice(0, 4).map(([key, value]) => (
          <span key={key} className="break">
            {labelOf(t.properties, key)}: {String(value)}
          </span>
        ))}
      </div>
    </div>
  );
}

/** Asks for more when it comes into sight; a button for those who cannot scroll. */
export function More({ isLoading, onMore }: { isLoading: boolean; onMore: () => void }) {
  const t = useT().kit;
  const box = useRef<HTMLDivElement>(null);
  const ask = useRef(onMore);
  ask.current = onMore;
  useEffect(() => {
    if (!box.current) return;
    const watch = new IntersectionObserver((seen) => {
      if (seen.some((entry) => entry.isIntersecting)) ask.current();
    });
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return (
    <div ref={box} style={{ textAlign: "center" }}>
      <Button loading={isLoading} onClick={onMore}>
        {t.more}
      </Button>
    </div>
  );
}
