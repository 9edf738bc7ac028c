/** One moment: who posted it, whom it reached, who reacted. */
import { Alert, App, Button, Card, Input, Statistic, type TableColumnsType, Tag } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { $api, type Row } from "../api/client";
import { StateTag, useStaffName } from "../broadcasts/looks";
import { Phone } from "../broadcasts/Phone";
import { useMay } from "../core/session";
import { useAct, useListAgain } from "../kit/act";
import { formatInt } from "../kit/format";
import { Page } from "../kit/Page";
import { whileFound } from "../kit/poll";
import { Records } from "../kit/Records";
import { Answer, EmptyState, GoneState } from "../kit/States";
import { Time } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { MomentForm } from "./MomentForm";
import type { Moment } from "./MomentsPage";

type Poster = Row<"/api/moments/{moment_id}/posters">;

export default function MomentPage() {
  const id = Number(useParams().id);
  const found = $api.useQuery(
    "get",
    "/api/moments/{moment_id}",
    { params: { path: { moment_id: id } } },
    { refetchInterval: whileFound(5_000) },
  );
  const t = useT().moments;
  return (
    <Answer query={found} gone={<GoneState back={t.back} to="/moments" />}>
      {(data) => <Whole moment={data} />}
    </Answer>
  );
}

function Whole({ moment }: { moment: Moment }) {
  const t = useT();
  const words = t.moments;
  return (
    <Page
      name={moment.name}
      title={
        <span className="row tight">
          {moment.name} <StateTag code={moment.state} words={words.states} />
        </span>
      }
      extra={<Buttons moment={moment} />}
    >
      {moment.note && moment.state === "draft" ? (
        <Alert type="warning" showIcon title={`${t.broadcasts.detail.note}: ${moment.note}`} />
      ) : null}
      {moment.problem ? <Alert type="info" showIcon title={moment.problem} /> : null}
      {moment.invalid_staff.length ? (
        <Alert type="warning" showIcon title={words.invalid(moment.invalid_staff.join(", "))} />
      ) : null}
      <Numbers moment={moment} />
      <div className="grid wide-left">
        <Posters moment={moment} />
        <Card title={t.broadcasts.detail.content}>
          <Phone name={words.title} text={moment.text} attachments={moment.attachments as never} />
        </Card>
      </div>
    </Page>
  );
}

function Numbers({ moment }: { moment: Moment }) {
  const t = useT().moments;
  const language = useLanguage();
  const { totals } = moment;
  const rows: [string, string][] = [
    [t.posted, `${totals.posted} / ${totals.posters}`],
    [t.expected, formatInt(totals.planned || moment.estimate, language)],
    [t.reached, formatInt(totals.reached, language)],
    [t.likes, formatInt(totals.likes, language)],
    [t.comments, formatInt(totals.comments, language)],
  ];
  return (
    <div className="grid kpis narrow" data-testid="moment-numbers">
      {rows.map(([title, value]) => (
        <Card size="small" key={title}>
          <Statistic title={title} value={value} />
        </Card>
      ))}
    </div>
  );
}

function Posters({ moment }: { moment: Moment }) {
  const t = useT().moments;
  const list = $api.useQuery(
    "get",
    "/api/moments/{moment_id}/posters",
    { params: { path: { moment_id: moment.id } } },
    { refetchInterval: moment.state === "posting" ? 10_000 : false },
  );
  const columns = useColumns();
  return (
    <Card title={t.posters} styles={{ body: { padding: 0 } }}>
      <Answer query={list}>
        {({ items }) => (
          <Records<Poster>
            rows={items}
            rowKey={(row) => row.staff}
            columns={columns}
            card={(row) => <PosterCard row={row} />}
            empty={<EmptyState title={t.noPosters} hint={t.noPostersHint} />}
            minWidth={560}
          />
        )}
      </Answer>
    </Card>
  );
}

function useColumns(): TableColumnsType<Poster> {
  const t = useT().moments;
  const name = useStaffName();
  const number = (title: string, count: (row: Poster) => number) => ({
    title,
    key: title,
    width: 88,
    align: "right" as const,
    className: "num",
    render: (_: unknown, row: Poster) => count(row),
  });
  return [
    { title: t.poster, key: "staff", className: "strong", render: (_, row) => name(row.staff) },
    { title: t.posted, key: "state", width: 110, render: (_, row) => <Posted row={row} /> },
    number(t.expected, (row) => row.planned),
    number(t.reached, (row) => row.reached),
    number(t.likes, (row) => row.likes),
    number(t.comments, (row) => row.comments),
  ];
}

function Posted({ row }: { row: Poster }) {
  const t = useT().moments;
  if (!row.is_posted) return <Tag color="gold">{t.notPosted}</Tag>;
  return <Time at={row.posted_at} />;
}

function PosterCard({ row }: { row: Poster }) {
  const t = useT().moments;
  const name = useStaffName();
  return (
    <div className="spread">
      <span className="strong">{name(row.staff)}</span>
      <span className="row tight small">
        <Posted row={row} />
        <span className="muted">
          {t.reached} {row.reached} · {t.likes} {row.likes}
        </span>
      </span>
    </div>
  );
}

function Buttons({ moment }: { moment: Moment }) {
  const t = useT();
  const words = t.moments;
  const may = useMay();
  const act = useAct();
  const navigate = useNavigate();
  const listAgain = useListAgain();
  const { modal } = App.useApp();
  const [isEditing, setEditing] = useState(false);
  const path = { params: { path: { moment_id: moment.id } } };
  const paths = ["/api/moments"];
  const submit = $api.useMutation("post", "/api/moments/{moment_id}/submit", act(paths));
  const approve = $api.useMutation("post", "/api/moments/{moment_id}/approve", act(paths));
  const reject = $api.useMutation("post", "/api/moments/{moment_id}/reject", act(paths));
  const cancel = $api.useMutation("post", "/api/moments/{moment_id}/cancel", act(paths));
  const remove = $api.useMutation(
    "delete",
    "/api/moments/{moment_id}",
    act([], undefined, () => {
      navigate("/moments");
      listAgain("/api/moments");
    }),
  );
  const canWrite = may("broadcast:write");
  const askWhy = () => {
    let note = "";
    modal.confirm({
      title: t.broadcasts.detail.rejectAsk,
      content: (
        <Input.TextArea
          autoFocus
          maxLength={200}
          onChange={(event) => {
            note = event.target.value;
          }}
        />
      ),
      onOk: () => reject.mutate({ ...path, body: { note } }),
    });
  };
  return (
    <>
      {canWrite && moment.state === "draft" ? (
        <>
          <Button danger onClick={() => remove.mutate(path)}>
            {t.broadcasts.detail.remove}
          </Button>
          <Button onClick={() => setEditing(true)}>{t.broadcasts.detail.edit}</Button>
          <Button type="primary" onClick={() => submit.mutate(path)}>
            {words.submit}
          </Button>
        </>
      ) : null}
      {may("broadcast:approve") && moment.state === "submitted" ? (
        <>
          <Button onClick={askWhy}>{t.broadcasts.detail.reject}</Button>
          <Button
            type="primary"
            onClick={() =>
              modal.confirm({
                title: words.approve,
                content: words.approveAsk,
                onOk: () => approve.mutate(path),
              })
            }
          >
            {words.approve}
          </Button>
        </>
      ) : null}
      {canWrite && ["submitted", "approved", "posting"].includes(moment.state) ? (
        <Button
          danger
          onClick={() =>
            modal.confirm({
              title: words.cancel,
              content: words.cancelAsk,
              onOk: () => cancel.mutate(path),
            })
          }
        >
          {words.cancel}
        </Button>
      ) : null}
      {isEditing ? <MomentForm known={moment} onClose={() => setEditing(false)} /> : null}
    </>
  );
}
