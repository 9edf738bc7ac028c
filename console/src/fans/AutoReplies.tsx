/** Automatic replies of every platform: keywords, followers, menu clicks, everything else. */
import { DeleteOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Card, Input, Popconfirm, Select, Switch, Tag } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Answer, EmptyState } from "../kit/States";
import { useAccountLabel } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { accountOptions } from "./accounts";
import { ReplyForm } from "./ReplyForm";

export type AutoReply = Row<"/api/auto-replies">;

export function AutoReplies() {
  const t = useT().fans.replies;
  const may = useMay();
  const replies = $api.useQuery("get", "/api/auto-replies");
  const [editing, setEditing] = useState<AutoReply | "new" | null>(null);
  const add = may("code:write") ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing("new")}>
      {t.add}
    </Button>
  ) : null;
  return (
    <div className="stack">
      <div className="row" style={{ justifyContent: "space-between" }}>
        <span className="muted" style={{ flex: 1, minWidth: 220 }}>
          {t.lead}
        </span>
        {add}
      </div>
      <Answer query={replies} rows={5}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <EmptyState title={t.empty} hint={t.emptyHint} action={add} />
            </Card>
          ) : (
            <>
              <TryOut />
              <div className="records">
                {items.map((reply) => (
                  <ReplyRow key={reply.id} reply={reply} onEdit={() => setEditing(reply)} />
                ))}
              </div>
            </>
          )
        }
      </Answer>
      <ReplyForm reply={editing} onClose={() => setEditing(null)} />
    </div>
  );
}

function ReplyRow({ reply, onEdit }: { reply: AutoReply; onEdit: () => void }) {
  const t = useT();
  const words = t.fans.replies;
  const may = useMay();
  const accountLabel = useAccountLabel();
  const act = useAct();
  const save = $api.useMutation("put", "/api/auto-replies/{reply_id}", act(["/api/auto-replies"]));
  const remove = $api.useMutation(
    "delete",
    "/api/auto-replies/{reply_id}",
    act(["/api/auto-replies"], words.removed),
  );
  const { id, hits, is_ready, ...body } = reply;
  const path = { params: { path: { reply_id: id } } };
  return (
    <div className="record" style={{ opacity: reply.is_active ? 1 : 0.6 }}>
      <div className="row" style={{ justifyContent: "space-between", alignItems: "flex-start" }}>
        <div style={{ minWidth: 0, flex: 1 }}>
          <div className="row" style={{ gap: 6 }}>
            <span className="strong break">{reply.name}</span>
            <Tag>{labelOf(words.triggers, reply.trigger)}</Tag>
            {reply.trigger === "message" ? <Tag>{labelOf(words.matches, reply.match)}</Tag> : null}
            <span className="muted small">
              {reply.account ? accountLabel(reply.account) : words.everyAccount}
            </span>
          </div>
          <div className="row" style={{ gap: 4, margin: "6px 0" }}>
            {reply.words.map((word) => (
              <Tag key={word} color="green" style={{ whiteSpace: "normal" }}>
                {word}
              </Tag>
            ))}
          </div>
          {reply.reply.kind === "image" ? (
            <ReplyPicture reply={reply.reply} isReady={is_ready} />
          ) : (
            <div className="muted small break">{replyText(reply.reply)}</div>
          )}
          <div className="muted small">{words.hits(hits)}</div>
        </div>
        {may("code:write") ? (
          <div className="row" style={{ flex: "none" }}>
            <Switch
              size="small"
              aria-label={words.active}
              checked={reply.is_active}
              loading={save.isPending}
              onChange={(is_active) => save.mutate({ ...path, body: { ...body, is_active } })}
            />
            <Button size="small" icon={<EditOutlined />} aria-label={t.kit.edit} onClick={onEdit} />
            <Popconfirm title={words.removeAsk} onConfirm={() => remove.mutate(path)}>
              <Button size="small" danger icon={<DeleteOutlined />} aria-label={t.kit.remove} />
            </Popconfirm>
          </div>
        ) : null}
      </div>
    </div>
  );
}

function ReplyPicture({ reply, isReady }: { reply: Record<string, string>; isReady: boolean }) {
  const t = useT().fans.replies;
  if (!reply.material) return <div className="muted small break">{replyText(reply)}</div>;
  return (
    <div className="row" style={{ gap: 8 }}>
      <img
        src={`/api/materials/${reply.material}/content`}
        alt={t.picture}
        style={{ height: 64, maxWidth: 160, objectFit: "contain", borderRadius: 6 }}
      />
      {isReady ? null : <Tag color="orange">{t.uploading}</Tag>}
    </div>
  );
}

/** A reply as one line. */
export function replyText(reply: Record<string, string>): string {
  if (reply.kind === "text") return reply.text ?? "";
  if (reply.kind === "image") return `[${reply.material ?? reply.media_id}]`;
  return [reply.title, reply.url ?? reply.page].filter(Boolean).join(" · ");
}

function TryOut() {
  const t = useT().fans.replies;
  const accounts = $api.useQuery("get", "/api/accounts");
  const [account, setAccount] = useState<string>();
  const [text, setText] = useState("");
  const tried = $api.useMutation("post", "/api/auto-replies/try");
  const chosen = account ?? accounts.data?.items[0]?.key ?? "";
  const answer = tried.data?.reply;
  return (
    <Card size="small" title={t.tryTitle}>
      <div className="row">
        <Select
          style={{ minWidth: 160 }}
          aria-label={t.account}
          value={chosen}
          options={accountOptions(accounts.data?.items ?? [])}
          onChange={setAccount}
        />
        <Input
          style={{ flex: 1, minWidth: 160 }}
          value={text}
          placeholder={t.tryHint}
          aria-label={t.tryHint}
          onChange={(event) => setText(event.target.value)}
          onPressEnter={() => tried.mutate({ body: { account: chosen, text } })}
        />
        <Button
          disabled={!text}
          loading={tried.isPending}
          onClick={() => tried.mutate({ body: { account: chosen, text } })}
        >
          {t.tryDo}
        </Button>
      </div>
      {tried.isSuccess ? (
        <div style={{ marginTop: 8 }} data-testid="try-answer">
          {answer ? `${answer.name}: ${replyText(answer.reply)}` : t.tryNothing}
        </div>
      ) : null}
    </Card>
  );
}
