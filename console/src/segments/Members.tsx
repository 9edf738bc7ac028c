/** Who is in the segment since when and why; any of them explained, all of them exported. */
import { DownloadOutlined, QuestionCircleOutlined } from "@ant-design/icons";
import { Button, Drawer } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { Pager, Records, useCursors } from "../kit/Records";
import { Answer, EmptyState } from "../kit/States";
import { useIsPhone } from "../kit/screen";
import { Money, Stage, Time } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { ExplainTree } from "./ExplainMember";

type Member = Row<"/api/segments/{segment_id}/members">;

export function Members({ id }: { id: number }) {
  const t = useT().segments;
  const may = useMay();
  const navigate = useNavigate();
  const cursors = useCursors();
  const [asked, setAsked] = useState<Member | null>(null);
  const columns = useMemberColumns(setAsked);
  const isPhone = useIsPhone();
  const open = (member: Member) => member.row && navigate(`/customers/${member.id}`);
  const members = $api.useQuery("get", "/api/segments/{segment_id}/members", {
    params: { path: { segment_id: id }, query: { cursor: cursors.cursor ?? "", limit: 25 } },
  });
  return (
    <div className="stack">
      {may("customer:export") ? (
        <div className="row" style={{ justifyContent: "flex-end" }}>
          <Button icon={<DownloadOutlined />} href={`/api/segments/${id}/export.csv`} download>
            {t.export}
          </Button>
        </div>
      ) : null}
      <Answer query={members} rows={8}>
        {({ items, next_cursor }) => (
          <Records
            rows={items}
            rowKey={(row) => row.id}
            columns={columns}
            card={(row) => <MemberCard member={row} onAsk={setAsked} />}
            {...(isPhone ? {} : { onOpen: (row: Member) => open(row) })}
            empty={<EmptyState title={t.noSample} hint={t.emptyHint} />}
            pager={<Pager cursors={cursors} next={next_cursor} />}
            minWidth={860}
          />
        )}
      </Answer>
      <Drawer
        title={asked ? `${t.why} · ${nameOf(asked, t.hiddenCustomer)}` : ""}
        open={asked !== null}
        onClose={() => setAsked(null)}
        size={460}
        destroyOnHidden
      >
        {asked ? <ExplainTree id={id} customer={asked.id} /> : null}
      </Drawer>
    </div>
  );
}

function nameOf(member: Member, hidden: string): string {
  return member.row ? member.row.name || `#${member.id}` : hidden;
}

function useCause(): (cause: string) => string {
  const t = useT();
  return (cause) => {
    const [kind = "", name] = cause.split(":");
    const word = labelOf(t.segments.causes, kind);
    return name ? `${word} · ${labelOf(t.pool.events, name)}` : word;
  };
}

function Why({ member, onAsk }: { member: Member; onAsk: (member: Member) => void }) {
  const t = useT().segments;
  return (
    <Button
      size="small"
      icon={<QuestionCircleOutlined />}
      onClick={(event) => {
        event.stopPropagation();
        onAsk(member);
      }}
    >
      {t.why}
    </Button>
  );
}

function useMemberColumns(onAsk: (member: Member) => void) {
  const t = useT();
  const causeOf = useCause();
  return [
    {
      title: t.pool.list.name,
      key: "name",
      render: (_: unknown, member: Member) => (
        <div>
          <div className="strong">{nameOf(member, t.segments.hiddenCustomer)}</div>
          <div className="muted small">{member.row?.phone_masked}</div>
        </div>
      ),
    },
    {
      title: t.pool.list.stage,
      key: "stage",
      render: (_: unknown, member: Member) => <Stage code={member.row?.stage ?? ""} />,
    },
    {
      title: t.pool.list.revenue,
      key: "revenue",
      align: "right" as const,
      render: (_: unknown, member: Member) => <Money fen={member.row?.revenue_fen ?? 0} />,
    },
    {
      title: t.segments.enteredAt,
      key: "entered",
      render: (_: unknown, member: Member) => <Time at={member.entered_at} />,
    },
    {
      title: t.segments.cause,
      key: "cause",
      render: (_: unknown, member: Member) => causeOf(member.cause),
    },
    {
      title: "",
      key: "why",
      align: "right" as const,
      render: (_: unknown, member: Member) => <Why member={member} onAsk={onAsk} />,
    },
  ];
}

function MemberCard({ member, onAsk }: { member: Member; onAsk: (member: Member) => void }) {
  const t = useT().segments;
  const causeOf = useCause();
  return (
    <div className="spread">
      <div style={{ minWidth: 0 }}>
        <Link to={`/customers/${member.id}`} className="strong clip">
          {nameOf(member, t.hiddenCustomer)}
        </Link>
        <div className="muted small">
          {member.row?.phone_masked} <Stage code={member.row?.stage ?? ""} />
        </div>
        <div className="muted small">
          <Time at={member.entered_at} /> · {causeOf(member.cause)}
        </div>
      </div>
      <Why member={member} onAsk={onAsk} />
    </div>
  );
}
