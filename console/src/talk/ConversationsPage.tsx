/** Conversations of all platforms: the list, and the open one beside it. */
import { Avatar, Badge, Card } from "antd";
import { Link, useParams } from "react-router";
import { $api, type Row } from "../api/client";
import { Page } from "../kit/Page";
import { Pager, useCursors } from "../kit/Records";
import { Answer, EmptyState, GoneState } from "../kit/States";
import { useIsPhone } from "../kit/screen";
import { Platform, Time } from "../kit/Values";
import { useT } from "../locale";
import { Chat } from "./Chat";

export type Conversation = Row<"/api/conversations">;

export default function ConversationsPage() {
  const t = useT().talk;
  const isPhone = useIsPhone();
  const id = Number(useParams().id) || null;
  const cursors = useCursors();
  const page = $api.useQuery(
    "get",
    "/api/conversations",
    { params: { query: { cursor: cursors.cursor, limit: 30 } } },
    { refetchInterval: 5000, placeholderData: (before) => before },
  );
  return (
    <Page title={t.title} lead={t.lead}>
      <Answer query={page} rows={8}>
        {({ items, next_cursor }) => {
          if (items.length === 0) {
            return (
              <Card>
                <EmptyState title={t.empty} hint={t.emptyHint} />
              </Card>
            );
          }
          const list = (
            <Card styles={{ body: { padding: 0 } }} style={{ overflow: "hidden" }}>
              <List items={items} id={id} />
              <div style={{ padding: "0 12px 12px" }}>
                <Pager cursors={cursors} next={next_cursor} />
              </div>
            </Card>
          );
          const chat = id ? (
            <Chosen key={id} id={id} listed={items.find((item) => item.id === id)} />
          ) : (
            <Card>
              <EmptyState title={t.choose} hint={t.chooseHint} />
            </Card>
          );
          if (isPhone) return id ? chat : list;
          return (
            <div
              className="grid"
              style={{ gridTemplateColumns: "340px minmax(0, 1fr)", alignItems: "start" }}
            >
              {list}
              {chat}
            </div>
          );
        }}
      </Answer>
    </Page>
  );
}

/** The chosen conversation: as the list has it, or asked for when it is on another page. */
function Chosen({ id, listed }: { id: number; listed: Conversation | undefined }) {
  const t = useT().talk;
  const found = $api.useQuery(
    "get",
    "/api/conversations/{conversation_id}",
    { params: { path: { conversation_id: id } } },
    { enabled: !listed, refetchInterval: 5000, initialData: listed, initialDataUpdatedAt: 0 },
  );
  const conversation = listed ?? found.data;
  if (conversation) return <Chat conversation={conversation} />;
  return (
    <Card>
      <Answer query={found} rows={8} gone={<GoneState back={t.back} to="/conversations" />}>
        {() => null}
      </Answer>
    </Card>
  );
}

function List({ items, id }: { items: Conversation[]; id: number | null }) {
  return (
    <div style={{ maxHeight: "calc(100vh - 240px)", overflowY: "auto" }}>
      {items.map((item) => (
        <Link
          key={item.id}
          to={`/conversations/${item.id}`}
          style={{
            display: "flex",
            gap: 12,
            padding: "12px 16px",
            color: "inherit",
            borderBottom: "1px solid var(--line)",
            background: item.id === id ? "var(--soft)" : "transparent",
          }}
        >
          <Badge count={item.unread} size="small">
            <Avatar style={{ background: "var(--soft)", color: "var(--tea)" }}>
              {(item.customer_name || "?").slice(0, 1)}
            </Avatar>
          </Badge>
          <span style={{ flex: 1, minWidth: 0 }}>
            <span className="spread">
              <span className="strong clip">{item.customer_name || `#${item.customer_id}`}</span>
              <span className="muted small">
                <Time at={item.last_at} />
              </span>
            </span>
            <span className="spread">
              <span className="muted clip">{item.last_text}</span>
              <span className="small muted">
                <Platform code={item.platform} />
              </span>
            </span>
          </span>
        </Link>
      ))}
    </div>
  );
}
