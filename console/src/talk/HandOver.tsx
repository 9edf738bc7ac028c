/** Who answers a customer at a service desk, and handing him over. */
import { Button, Select, Tag } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { useStaffName } from "../kit/staff";
import { labelOf, useT } from "../locale";
import type { Conversation } from "./ConversationsPage";

export function HandOver({ conversation }: { conversation: Conversation }) {
  const t = useT().groups.desks;
  const may = useMay();
  const act = useAct();
  const staffName = useStaffName();
  const [staff, setStaff] = useState<string | null>(null);
  const hand = $api.useMutation(
    "post",
    "/api/conversations/{conversation_id}/hand-over",
    act(["/api/conversations"], t.handed),
  );
  if (!conversation.session) return null;
  const go = (state: string, to = "") =>
    hand.mutate({
      params: { path: { conversation_id: conversation.id } },
      body: { state, staff: to },
    });
  const isHuman = conversation.session === "human";
  const isEnded = conversation.session === "ended";
  return (
    <div
      className="row"
      style={{ padding: "10px 16px", borderTop: "1px solid var(--line)", flexWrap: "wrap", gap: 8 }}
    >
      {conversation.is_desk_lost ? (
        <Tag color="orange">{t.lost}</Tag>
      ) : (
        <Tag color={isHuman ? "blue" : isEnded ? "default" : "green"}>
          {labelOf(t.session, conversation.session)}
          {conversation.session_staff
            ? ` · ${staffName(conversation.account, conversation.session_staff)}`
            : ""}
        </Tag>
      )}
      <span className="muted small">{conversation.desk}</span>
      {may("talk:write") && !isEnded && !conversation.is_desk_lost ? (
        <span className="row" style={{ gap: 8, marginInlineStart: "auto", flexWrap: "wrap" }}>
          <Select
            size="small"
            style={{ minWidth: 120 }}
            aria-label={t.handOver}
            placeholder={t.handOver}
            value={staff}
            onChange={setStaff}
            options={conversation.servicers.map((one) => ({
              value: one,
              label: staffName(conversation.account, one),
            }))}
          />
          <Button
            size="small"
            type="primary"
            disabled={!staff}
            loading={hand.isPending}
            onClick={() => staff && go("human", staff)}
          >
            {t.handOver}
          </Button>
          {isHuman ? null : (
            <Button size="small" onClick={() => go("queued")}>
              {t.queue}
            </Button>
          )}
          <Button size="small" onClick={() => go("ended")}>
            {t.end}
          </Button>
        </span>
      ) : null}
      {isHuman && !conversation.is_desk_lost ? (
        <span className="muted small">{t.humanHint}</span>
      ) : null}
    </div>
  );
}
