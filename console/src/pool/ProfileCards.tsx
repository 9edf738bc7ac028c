/** The left column of a customer: identities, stages, consent, friends. */
import { CheckCircleFilled, ClockCircleOutlined } from "@ant-design/icons";
import { Card, Switch, Tag, Tooltip } from "antd";
import { $api } from "../api/client";
import { usePreferences } from "../app/preferences";
import { paletteOf } from "../app/theme";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { useStaffName } from "../kit/staff";
import { STAGES, Time, useAccountLabel } from "../kit/Values";
import { labelOf, useT } from "../locale";
import type { Profile } from "./CustomerPage";
import { useNamespaceLabel } from "./namespaces";

interface ProfileProps {
  profile: Profile;
}

export function IdentityCard({ profile }: ProfileProps) {
  const t = useT().pool;
  const label = useNamespaceLabel();
  return (
    <Card size="small" title={t.page.identities}>
      <div className="stack" style={{ gap: 10 }}>
        {profile.identities.map((identity) => (
          <div className="spread" key={identity.id}>
            <span style={{ minWidth: 0 }}>
              <span className="muted small">
                {label(identity.namespace)}
                {identity.strength === "weak" ? ` · ${labelOf(t.why.strength, "weak")}` : ""}
              </span>
              <span className="mono clip" style={{ display: "block" }}>
                {identity.value_masked}
              </span>
            </span>
            {identity.is_quarantined ? (
              <Tooltip title={t.page.quarantined}>
                <Tag color="warning">!</Tag>
              </Tooltip>
            ) : (
              <span className="muted small">
                <Time at={identity.first_seen_at} />
              </span>
            )}
          </div>
        ))}
      </div>
    </Card>
  );
}

export function StageCard({ profile }: ProfileProps) {
  const t = useT();
  const { mode } = usePreferences();
  const reached = new Map(profile.stages.map((item) => [item.stage, item.at]));
  return (
    <Card size="small" title={t.pool.page.stages}>
      <div className="stack" style={{ gap: 8 }}>
        {STAGES.map((stage, index) => {
          const at = reached.get(stage);
          const color = paletteOf(mode).stages[index];
          return (
            <div className="spread" key={stage}>
              <span className={at ? "strong" : "muted"}>
                {at ? (
                  <CheckCircleFilled style={{ color, marginInlineEnd: 8 }} />
                ) : (
                  <ClockCircleOutlined style={{ opacity: 0.4, marginInlineEnd: 8 }} />
                )}
                {labelOf(t.kit.stages, stage)}
              </span>
              <span className="muted small">{at ? <Time at={at} /> : "—"}</span>
            </div>
          );
        })}
      </div>
    </Card>
  );
}

export function ConsentCard({ profile }: ProfileProps) {
  const t = useT().pool.page;
  const may = useMay();
  const act = useAct();
  const change = $api.useMutation(
    "post",
    "/api/customers/{customer_id}/consent",
    act(["/api/customers"]),
  );
  const marketing = profile.consents
    .filter((consent) => consent.purpose === "marketing" && consent.channel === "*")
    .at(-1);
  return (
    <Card size="small" title={t.consent}>
      <div className="spread">
        <span>{t.consentOn}</span>
        <Switch
          aria-label={t.consentOn}
          checked={marketing?.is_granted ?? true}
          disabled={!may("customer:write")}
          loading={change.isPending}
          onChange={(is_granted) =>
            change.mutate({
              params: { path: { customer_id: profile.id } },
              body: { channel: "*", purpose: "marketing", is_granted },
            })
          }
        />
      </div>
      <div className="muted small" style={{ marginTop: 6 }}>
        {t.consentHint}
      </div>
    </Card>
  );
}

export function RelationCard({ profile }: ProfileProps) {
  const t = useT().pool.page;
  const staffName = useStaffName();
  const account = useAccountLabel();
  return (
    <Card size="small" title={t.relations}>
      {profile.relations.length === 0 ? <span className="muted">{t.noRelations}</span> : null}
      <div className="stack" style={{ gap: 10 }}>
        {profile.relations.map((relation) => (
          <div
            className="spread"
            key={`${relation.account}-${relation.staff}-${relation.identity_id}`}
          >
            <span style={{ minWidth: 0 }}>
              <span className="strong clip" style={{ display: "block" }}>
                {relation.staff
                  ? staffName(relation.account, relation.staff)
                  : account(relation.account)}
              </span>
              <span className="muted small clip" style={{ display: "block" }}>
                {relation.staff ? account(relation.account) : ""}
              </span>
            </span>
            <span style={{ textAlign: "right" }}>
              <Tag color={relation.is_friend ? "success" : "default"} style={{ margin: 0 }}>
                {relation.is_friend ? t.friend : t.lost}
              </Tag>
              <span className="muted small" style={{ display: "block" }}>
                <Time at={relation.is_friend ? relation.added_at : relation.lost_at} />
              </span>
            </span>
          </div>
        ))}
      </div>
    </Card>
  );
}
