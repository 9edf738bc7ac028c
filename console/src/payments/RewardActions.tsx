/** What may be done with one reward now, by this person. */
import { Button, Popconfirm, Tooltip } from "antd";
import { $api } from "../api/client";
import { useMay, useSession } from "../core/session";
import { useAct } from "../kit/act";
import { formatMoney } from "../kit/format";
import { useLanguage, useT } from "../locale";
import type { Reward } from "./RewardsPage";

export function RewardActions({ reward }: { reward: Reward }) {
  const t = useT().payments.rewards;
  const language = useLanguage();
  const may = useMay();
  const act = useAct();
  const isMine = useSession().data?.user.username === reward.requested_by;
  const path = { params: { path: { reward_id: reward.id } } };
  const approve = $api.useMutation(
    "post",
    "/api/rewards/{reward_id}/approve",
    act(["/api/rewards"], t.approved),
  );
  const reject = $api.useMutation("post", "/api/rewards/{reward_id}/reject", act(["/api/rewards"]));
  const cancel = $api.useMutation("post", "/api/rewards/{reward_id}/cancel", act(["/api/rewards"]));
  if (reward.state === "waiting" && may("reward:approve")) {
    return (
      <Button size="small" loading={cancel.isPending} onClick={() => cancel.mutate(path)}>
        {t.cancel}
      </Button>
    );
  }
  if (reward.state !== "requested") return null;
  return (
    <div className="row" style={{ gap: 8 }}>
      {may("reward:approve") ? (
        <Popconfirm
          title={t.approveAsk(formatMoney(reward.amount_fen, language))}
          onConfirm={() => approve.mutate(path)}
          disabled={isMine}
        >
          <Tooltip title={isMine ? t.own : ""}>
            <Button type="primary" size="small" disabled={isMine} loading={approve.isPending}>
              {t.approve}
            </Button>
          </Tooltip>
        </Popconfirm>
      ) : null}
      {isMine || may("reward:approve") ? (
        <Button size="small" loading={reject.isPending} onClick={() => reject.mutate(path)}>
          {isMine ? t.takeBack : t.reject}
        </Button>
      ) : null}
    </div>
  );
}
