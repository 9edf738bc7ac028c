/** One broadcast: how far it is, layer by layer, by staff, and what can still be done. */
import { DownloadOutlined } from "@ant-design/icons";
import { Alert, App, Button, Card, Descriptions, Input, Progress } from "antd";
import { useNavigate, useParams } from "react-router";
import { $api } from "../api/client";
import { serverNow } from "../app/server_clock";
import { useMay, useSession } from "../core/session";
import { useAct, useListAgain } from "../kit/act";
import { formatInt, formatSpan } from "../kit/format";
import { Page } from "../kit/Page";
import { whileFound } from "../kit/poll";
import { Answer, GoneState } from "../kit/States";
import { Time, useAccountLabel } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { useChannelLabel, useReason } from "../reach/looks";
import { Again } from "./Again";
import { Layers } from "./Layers";
import { type Broadcast, BroadcastState, handledOf } from "./looks";
import { Phone } from "./Phone";
import { Senders } from "./Senders";

export default function BroadcastPage() {
  const id = Number(useParams().id);
  const found = $api.useQuery(
    "get",
    "/api/broadcasts/{broadcast_id}",
    { params: { path: { broadcast_id: id } } },
    { refetchInterval: whileFound(3_000) },
  );
  const t = useT().broadcasts.detail;
  return (
    <Answer query={found} gone={<GoneState back={t.back} to="/broadcasts" />}>
      {(data) => <Whole broadcast={data} />}
    </Answer>
  );
}

function Whole({ broadcast }: { broadcast: Broadcast }) {
  const t = useT().broadcasts;
  return (
    <Page
      name={broadcast.name}
      title={
        <span className="row tight">
          {broadcast.name} <BroadcastState code={broadcast.state} />
        </span>
      }
      extra={<Buttons broadcast={broadcast} />}
    >
      {broadcast.note && broadcast.state === "draft" ? (
        <Alert type="warning" showIcon title={`${t.detail.note}: ${broadcast.note}`} />
      ) : null}
      <SecondPerson broadcast={broadcast} />
      {broadcast.problem ? <Alert type="info" showIcon title={broadcast.problem} /> : null}
      {broadcast.started_at ? <Progressing broadcast={broadcast} /> : null}
      <div className="grid wide-left">
        <div className="stack">
          <Card title={t.detail.funnel}>
            <Layers broadcast={broadcast} />
            <p className="muted small" style={{ marginBottom: 0 }}>
              {t.detail.layerHint}
            </p>
          </Card>
          <Reasons broadcast={broadcast} />
        </div>
        <div className="stack">
          <Card title={t.detail.content}>
            <Phone
              name={broadcast.name}
              text={broadcast.text}
              attachments={broadcast.attachments as never}
            />
          </Card>
          <Facts broadcast={broadcast} />
        </div>
      </div>
      <Senders broadcast={broadcast} />
    </Page>
  );
}

/** Whether somebody else must approve what the signed-in person submitted, and the limit. */
function useSecondPerson(broadcast: Broadcast): { isNeeded: boolean; limit: number } {
  const isWaiting = broadcast.state === "submitted";
  const isMine = useSession().data?.user.username === broadcast.submitted_by;
  const rule = $api.useQuery(
    "get",
    "/api/broadcasts/approval",
    {},
    { enabled: isWaiting && isMine },
  );
  const limit = rule.data?.alone_limit ?? Number.POSITIVE_INFINITY;
  return { isNeeded: isWaiting && isMine && broadcast.audience_count > limit, limit };
}

function SecondPerson({ broadcast }: { broadcast: Broadcast }) {
  const t = useT().broadcasts;
  const language = useLanguage();
  const { isNeeded, limit } = useSecondPerson(broadcast);
  if (!isNeeded) return null;
  const most = t.people(formatInt(limit, language));
  return <Alert type="info" showIcon title={t.detail.secondPerson(most)} />;
}

function Progressing({ broadcast }: { broadcast: Broadcast }) {
  const t = useT().broadcasts.detail;
  const language = useLanguage();
  const done = handledOf(broadcast.counts);
  const all = broadcast.planned_count;
  const share = all ? Math.min(100, Math.round((done / all) * 100)) : 0;
  const end = broadcast.finished_at ? Date.parse(broadcast.finished_at) : serverNow();
  const minutes = Math.max(1 / 60, (end - Date.parse(broadcast.started_at ?? "")) / 60_000);
  const perMinute = Math.max(1, Math.round(done / Math.max(1, minutes)));
  const isRunning = broadcast.state === "sending" && done < all;
  const ends = broadcast.counts.ends_at ? Date.parse(broadcast.counts.ends_at) : 0;
  const byWaves = Math.max(0, (ends - serverNow()) / 1000);
  const left = Math.max(byWaves, ((all - done) / perMinute) * 60);
  return (
    <Card size="small">
      <div className="spread">
        <span className="strong">
          {t.rate(formatInt(done, language), formatInt(all, language))}
        </span>
        <span className="muted small">
          {t.speed(formatInt(perMinute, language))}
          {isRunning ? ` · ${t.left(formatSpan(left, language))}` : ""}
        </span>
      </div>
      <Progress percent={share} showInfo={false} />
    </Card>
  );
}

function Reasons({ broadcast }: { broadcast: Broadcast }) {
  const t = useT().broadcasts.detail;
  const language = useLanguage();
  const say = useReason();
  const rows = Object.entries(broadcast.counts.reasons).sort((a, b) => b[1] - a[1]);
  return (
    <Card title={t.reasons}>
      {rows.length === 0 ? (
        <span className="muted">{t.noReasons}</span>
      ) : (
        rows.map(([reason, count]) => (
          <div className="spread" key={reason}>
            <span>{say(reason)}</span>
            <span className="num strong">{formatInt(count, language)}</span>
          </div>
        ))
      )}
    </Card>
  );
}

function Facts({ broadcast }: { broadcast: Broadcast }) {
  const t = useT().broadcasts;
  const label = useChannelLabel();
  const account = useAccountLabel();
  const items = [
    {
      key: "channel",
      label: t.channel,
      children: `${label(broadcast.channel)} · ${account(broadcast.account)}`,
    },
    {
      key: "start",
      label: t.detail.startsAt,
      children: <Time at={broadcast.scheduled_at ?? broadcast.decided_at} />,
    },
    { key: "by", label: t.createdBy, children: broadcast.created_by },
    { key: "submitted", label: t.detail.submittedBy, children: broadcast.submitted_by || "—" },
    { key: "decided", label: t.detail.decidedBy, children: broadcast.decided_by || "—" },
    { key: "started", label: t.detail.started, children: <Time at={broadcast.started_at} /> },
    { key: "finished", label: t.detail.finished, children: <Time at={broadcast.finished_at} /> },
    ...(broadcast.stopped_by
      ? [{ key: "stopped", label: t.detail.stoppedBy, children: broadcast.stopped_by }]
      : []),
    { key: "counted", label: t.detail.counted, children: <Time at={broadcast.counted_at} /> },
  ];
  return <Descriptions bordered size="small" column={1} items={items} />;
}

function Buttons({ broadcast }: { broadcast: Broadcast }) {
  const t = useT().broadcasts;
  const may = useMay();
  const navigate = useNavigate();
  const listAgain = useListAgain();
  const act = useAct();
  const { modal } = App.useApp();
  const language = useLanguage();
  const path = { params: { path: { broadcast_id: broadcast.id } } };
  const paths = ["/api/broadcasts"];
  const submit = $api.useMutation("post", "/api/broadcasts/{broadcast_id}/submit", act(paths));
  const approve = $api.useMutation("post", "/api/broadcasts/{broadcast_id}/approve", act(paths));
  const reject = $api.useMutation("post", "/api/broadcasts/{broadcast_id}/reject", act(paths));
  const pause = $api.useMutation("post", "/api/broadcasts/{broadcast_id}/pause", act(paths));
  const resume = $api.useMutation("post", "/api/broadcasts/{broadcast_id}/resume", act(paths));
  const stop = $api.useMutation("post", "/api/broadcasts/{broadcast_id}/stop", act(paths));
  const recall = $api.useMutation("post", "/api/broadcasts/{broadcast_id}/recall", act(paths));
  const remove = $api.useMutation(
    "delete",
    "/api/broadcasts/{broadcast_id}",
    act([], undefined, () => {
      navigate("/broadcasts");
      listAgain("/api/broadcasts");
    }),
  );
  const remind = $api.useMutation(
    "post",
    "/api/broadcasts/{broadcast_id}/remind",
    act(paths, t.detail.reminded),
  );
  const { state } = broadcast;
  const second = useSecondPerson(broadcast);
  const isOut = ["sending", "paused", "stopped", "done"].includes(state);
  const isLive = ["approved", "sending", "paused"].includes(state);
  const ask = (title: string, content: string, onOk: () => void) =>
    modal.confirm({ title, content, onOk });
  const askWhy = () => {
    let note = "";
    modal.confirm({
      title: t.detail.rejectAsk,
      content: (
        <Input.TextArea
          autoFocus
          maxLength={200}
          aria-label={t.detail.rejectAsk}
          onChange={(event) => {
            note = event.target.value;
          }}
        />
      ),
      onOk: () => reject.mutate({ ...path, body: { note } }),
    });
  };
  const size = t.people(formatInt(broadcast.audience_count, language));
  const canWrite = may("broadcast:write");
  return (
    <>
      {canWrite && state === "draft" ? (
        <>
          <Button danger onClick={() => remove.mutate(path)}>
            {t.detail.remove}
          </Button>
          <Button onClick={() => navigate(`/broadcasts/${broadcast.id}/edit`)}>
            {t.detail.edit}
          </Button>
          <Button type="primary" onClick={() => submit.mutate(path)}>
            {t.detail.submit}
          </Button>
        </>
      ) : null}
      {may("broadcast:approve") && state === "submitted" ? (
        <>
          <Button onClick={askWhy}>{t.detail.reject}</Button>
          <Button
            type="primary"
            disabled={second.isNeeded}
            onClick={() =>
              ask(t.detail.approve, t.detail.approveAsk(size), () => approve.mutate(path))
            }
          >
            {t.detail.approve}
          </Button>
        </>
      ) : null}
      {canWrite && state === "sending" ? (
        <Button onClick={() => pause.mutate(path)}>{t.detail.pause}</Button>
      ) : null}
      {canWrite && state === "paused" ? (
        <Button onClick={() => resume.mutate(path)}>{t.detail.resume}</Button>
      ) : null}
      {canWrite && isLive ? (
        <Button
          danger
          onClick={() => ask(t.detail.stop, t.detail.stopAsk, () => stop.mutate(path))}
        >
          {t.detail.stop}
        </Button>
      ) : null}
      {canWrite && isOut && (broadcast.counts.states.accepted ?? 0) > 0 ? (
        <>
          <Button onClick={() => remind.mutate(path)}>{t.detail.remind}</Button>
          <Button
            danger
            onClick={() => ask(t.detail.recall, t.detail.recallAsk, () => recall.mutate(path))}
          >
            {t.detail.recall}
          </Button>
        </>
      ) : null}
      {isOut ? (
        <Button onClick={() => navigate(`/touches?campaign=broadcast:${broadcast.id}`)}>
          {t.detail.touches}
        </Button>
      ) : null}
      {canWrite && broadcast.finished_at && ["stopped", "done"].includes(state) ? (
        <Again broadcast={broadcast} />
      ) : null}
      {isOut && may("customer:export") ? (
        <Button
          icon={<DownloadOutlined />}
          href={`/api/broadcasts/${broadcast.id}/results.csv`}
          download
        >
          {t.detail.exportCsv}
        </Button>
      ) : null}
    </>
  );
}
