/** One conversation: what was said, the window that is left, and the reply. */
import {
  ArrowLeftOutlined,
  ClockCircleOutlined,
  SendOutlined,
  UserOutlined,
} from "@ant-design/icons";
import { Button, Card, Input, Skeleton, Tag, Tooltip } from "antd";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { $api, type Row } from "../api/client";
import { serverNow } from "../app/server_clock";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { formatSpan } from "../kit/format";
import { Answer, EmptyState } from "../kit/States";
import { useIsPhone } from "../kit/screen";
import { Time } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { TouchState } from "../reach/looks";
import type { Conversation } from "./ConversationsPage";
import { HandOver } from "./HandOver";

type Message = Row<"/api/conversations/{conversation_id}/messages">;

export function Chat({ conversation }: { conversation: Conversation }) {
  const t = useT().talk;
  const isPhone = useIsPhone();
  const path = { conversation_id: conversation.id };
  const pages = $api.useInfiniteQuery(
    "get",
    "/api/conversations/{conversation_id}/messages",
    { params: { path, query: { limit: 100 } } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: (last) => last.next_cursor ?? undefined,
      refetchInterval: 4000,
    },
  );
  useMarkRead(conversation);
  return (
    <Card
      styles={{ body: { padding: 0 } }}
      title={
        <span className="row">
          {isPhone ? (
            <Link to="/conversations" aria-label={t.back} className="muted">
              <ArrowLeftOutlined />
            </Link>
          ) : null}
          {conversation.customer_name || `#${conversation.customer_id}`}
        </span>
      }
      extra={
        <Link to={`/customers/${conversation.customer_id}`}>
          <Button size="small" icon={<UserOutlined />}>
            {isPhone ? null : t.profile}
          </Button>
        </Link>
      }
    >
      <Answer query={pages} loading={<Skeleton active style={{ padding: 16 }} />}>
        {(found) => (
          <Messages
            messages={found.pages.flatMap((page) => page.items)}
            earlier={pages.hasNextPage ? pages.fetchNextPage : undefined}
            isFetching={pages.isFetchingNextPage}
          />
        )}
      </Answer>
      <HandOver conversation={conversation} />
      <Reply conversation={conversation} />
    </Card>
  );
}

function useMarkRead(conversation: Conversation): void {
  const act = useAct();
  const { onError } = act([]);
  const read = $api.useMutation("post", "/api/conversations/{conversation_id}/read", { onError });
  const { mutate } = read;
  useEffect(() => {
    if (conversation.unread > 0) mutate({ params: { path: { conversation_id: conversation.id } } });
  }, [conversation.id, conversation.unread, mutate]);
}

/** What was said, in order; `earlier` fetches more of the past when there is more. */
function Messages({
  messages,
  earlier,
  isFetching,
}: {
  messages: Message[];
  earlier: (() => unknown) | undefined;
  isFetching: boolean;
}) {
  const t = useT().talk;
  const box = useRef<HTMLDivElement>(null);
  const below = useRef(0);
  const ordered = [...messages].reverse().sort((a, b) => a.at.localeCompare(b.at));
  const [first, last] = [ordered.at(0)?.id, ordered.at(-1)?.id];
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last message scrolls into sight
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [last]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was in sight stays where it was
  useLayoutEffect(() => {
    if (below.current) box.current?.scrollTo({ top: box.current.scrollHeight - below.current });
    below.current = 0;
  }, [first]);
  const goBack = () => {
    below.current = box.current ? box.current.scrollHeight - box.current.scrollTop : 0;
    earlier?.();
  };
  return (
    <div
      ref={box}
      style={{
        height: "calc(100vh - 420px)",
        minHeight: 280,
        overflowY: "auto",
        padding: 16,
        background: "var(--layout)",
      }}
    >
      {ordered.length === 0 ? <EmptyState title={t.noMessages} /> : null}
      <div className="stack" style={{ gap: 12 }}>
        {earlier ? (
          <Button size="small" type="text" loading={isFetching} onClick={goBack}>
            {t.earlier}
          </Button>
        ) : null}
        {ordered.map((message) => (
          <Bubble key={message.id} message={message} />
        ))}
      </div>
    </div>
  );
}

/** States of messages that the customer has; the others are shown with their reason. */
const OUT = new Set(["delivered", "sent"]);

function Bubble({ message }: { message: Message }) {
  const isOurs = message.is_ours;
  return (
    <div style={{ display: "flex", justifyContent: isOurs ? "flex-end" : "flex-start" }}>
      <div style={{ maxWidth: "76%" }}>
        <div
          className="break"
          style={{
            padding: "9px 13px",
            borderRadius: 14,
            borderBottomRightRadius: isOurs ? 4 : 14,
            borderBottomLeftRadius: isOurs ? 14 : 4,
            whiteSpace: "pre-wrap",
            background: isOurs ? "var(--tea)" : "var(--panel)",
            color: isOurs ? "var(--on-tea)" : "var(--text)",
            border: isOurs ? "none" : "1px solid var(--line)",
          }}
        >
          {message.text || `[${message.kind}]`}
        </div>
        <div
          className="muted small row"
          style={{ marginTop: 3, justifyContent: isOurs ? "flex-end" : "flex-start" }}
        >
          {isOurs && message.state && !OUT.has(message.state) ? (
            <Tooltip title={message.reason}>
              <span>
                <TouchState code={message.state} />
              </span>
            </Tooltip>
          ) : null}
          <Time at={message.at} />
        </div>
      </div>
    </div>
  );
}

function useNow(): number {
  const [now, setNow] = useState(serverNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function Reply({ conversation }: { conversation: Conversation }) {
  const t = useT().talk;
  const language = useLanguage();
  const may = useMay();
  const act = useAct();
  const now = useNow();
  const [text, setText] = useState("");
  const reply = $api.useMutation(
    "post",
    "/api/conversations/{conversation_id}/reply",
    act(["/api/conversations"], t.sent, () => setText("")),
  );
  const left = conversation.window_until
    ? (Date.parse(conversation.window_until) - now) / 1000
    : null;
  const isOpen = conversation.is_open && (left === null || left > 0);
  const send = () => {
    if (text.trim()) {
      reply.mutate({ params: { path: { conversation_id: conversation.id } }, body: { text } });
    }
  };
  return (
    <div style={{ padding: 14, borderTop: "1px solid var(--line)" }} className="stack">
      <div className="row">
        {isOpen ? (
          <Tag color="success" icon={<ClockCircleOutlined />} style={{ margin: 0 }}>
            {left === null ? t.reply : t.window(formatSpan(left, language))}
          </Tag>
        ) : conversation.session === "human" || conversation.is_desk_lost ? null : (
          <Tag style={{ margin: 0, whiteSpace: "normal" }}>{t.closed}</Tag>
        )}
        {isOpen && conversation.remaining !== null ? (
          <span className="muted small">{t.remaining(conversation.remaining)}</span>
        ) : null}
      </div>
      {may("talk:write") ? (
        <div className="row" style={{ flexWrap: "nowrap", alignItems: "flex-end" }}>
          <Input.TextArea
            autoSize={{ minRows: 2, maxRows: 6 }}
            aria-label={t.reply}
            placeholder={t.placeholder}
            disabled={!isOpen}
            value={text}
            maxLength={2000}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
            }}
          />
          <Button
            type="primary"
            icon={<SendOutlined />}
            aria-label={t.reply}
            disabled={!isOpen || !text.trim()}
            loading={reply.isPending}
            onClick={send}
          />
        </div>
      ) : null}
    </div>
  );
}
