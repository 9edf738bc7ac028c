/** One journey: its picture with counts, its people, and turning it on and off. */
import {
  ArrowLeftOutlined,
  FlagOutlined,
  PauseCircleOutlined,
  PlayCircleOutlined,
  RocketOutlined,
  ThunderboltOutlined,
} from "@ant-design/icons";
import { App, Button, Card, Skeleton, Tabs, Tag } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { $api, type Got } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { formatInt, formatPercent } from "../kit/format";
import { Page } from "../kit/Page";
import { Answer } from "../kit/States";
import { labelOf, useLanguage, useT } from "../locale";
import { Canvas } from "./Canvas";
import { Entries } from "./Entries";
import { type JourneyDefinition, journeyOf } from "./graph";
import { JourneyState } from "./JourneysPage";
import { StepDrawer } from "./StepDrawer";

export type Journey = Got<"/api/journeys/{journey_id}">;

export default function JourneyPage() {
  const id = Number(useParams().id);
  const t = useT().journeys;
  const journey = $api.useQuery(
    "get",
    "/api/journeys/{journey_id}",
    { params: { path: { journey_id: id } } },
    { refetchInterval: 5000 },
  );
  const name = journey.data?.name ?? "…";
  return (
    <Page
      name={name}
      title={
        <span className="row">
          <Link to="/journeys" aria-label={t.back} className="muted">
            <ArrowLeftOutlined />
          </Link>
          {name}
          {journey.data ? <JourneyState code={journey.data.state} /> : null}
        </span>
      }
      lead={journey.data ? t.version(journey.data.version) : undefined}
      extra={journey.data ? <Switches journey={journey.data} /> : null}
    >
      <Answer query={journey} loading={<Skeleton active paragraph={{ rows: 10 }} />}>
        {(data) => <Body key={data.id} journey={data} />}
      </Answer>
    </Page>
  );
}

function Switches({ journey }: { journey: Journey }) {
  const t = useT().journeys;
  const may = useMay();
  const act = useAct();
  const { modal } = App.useApp();
  const paths = ["/api/journeys", "/api/setup"];
  const publish = $api.useMutation(
    "post",
    "/api/journeys/{journey_id}/publish",
    act(paths, t.published),
  );
  const pause = $api.useMutation("post", "/api/journeys/{journey_id}/pause", act(paths, t.paused));
  const resume = $api.useMutation(
    "post",
    "/api/journeys/{journey_id}/resume",
    act(paths, t.resumed),
  );
  const path = { params: { path: { journey_id: journey.id } } };
  if (!may("journey:write")) return null;
  if (journey.state === "live") {
    return (
      <Button
        icon={<PauseCircleOutlined />}
        loading={pause.isPending}
        onClick={() => pause.mutate(path)}
      >
        {t.pause}
      </Button>
    );
  }
  if (journey.state === "paused") {
    return (
      <Button
        type="primary"
        icon={<PlayCircleOutlined />}
        loading={resume.isPending}
        onClick={() => resume.mutate(path)}
      >
        {t.resume}
      </Button>
    );
  }
  const ask = () =>
    modal.confirm({
      title: t.publish,
      content: t.publishAsk,
      okText: t.publish,
      onOk: () => publish.mutate(path),
    });
  return (
    <Button type="primary" icon={<RocketOutlined />} loading={publish.isPending} onClick={ask}>
      {t.publish}
    </Button>
  );
}

function Body({ journey }: { journey: Journey }) {
  const t = useT().journeys;
  return (
    <>
      <Figures journey={journey} />
      <Tabs
        destroyOnHidden
        items={[
          { key: "canvas", label: t.tabs.canvas, children: <Picture journey={journey} /> },
          { key: "entries", label: t.tabs.entries, children: <Entries journey={journey} /> },
        ]}
      />
    </>
  );
}

function Figures({ journey }: { journey: Journey }) {
  const t = useT().journeys;
  const language = useLanguage();
  const figures: [label: string, value: string][] = [
    [t.entered, formatInt(journey.entered, language)],
    [t.active, formatInt(journey.active, language)],
    [t.goals, formatInt(journey.goals, language)],
    [t.rate, formatPercent(journey.entered ? journey.goals / journey.entered : 0)],
  ];
  const exits = Object.entries(journey.exits);
  return (
    <div className="grid kpis narrow">
      {figures.map(([label, value]) => (
        <div className="kpi" key={label}>
          <span className="muted">{label}</span>
          <span className="value">{value}</span>
        </div>
      ))}
      {exits.length > 0 ? (
        <div className="kpi">
          <span className="muted">{t.exits}</span>
          {exits.map(([reason, count]) => (
            <span className="spread small" key={reason}>
              <span className="clip">{labelOf(t.exitWords, reason)}</span>
              <span className="num strong">{formatInt(count, language)}</span>
            </span>
          ))}
        </div>
      ) : null}
    </div>
  );
}

function Picture({ journey }: { journey: Journey }) {
  const t = useT().journeys;
  const may = useMay();
  const act = useAct();
  const [draft, setDraft] = useState<JourneyDefinition | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const save = $api.useMutation(
    "put",
    "/api/journeys/{journey_id}",
    act(["/api/journeys"], undefined, () => setDraft(null)),
  );
  const definition = draft ?? journeyOf(journey.definition);
  const submit = () =>
    save.mutate({
      params: { path: { journey_id: journey.id } },
      body: { name: journey.name, definition: { ...definition } },
    });
  return (
    <Card styles={{ body: { padding: 0 } }} style={{ overflow: "hidden" }}>
      <div
        className="spread"
        style={{ padding: "12px 16px", borderBottom: "1px solid var(--line)", flexWrap: "wrap" }}
      >
        <TriggerLine definition={definition} />
        {draft ? (
          <span className="row">
            <span className="muted small">{t.unsaved}</span>
            <Button type="primary" size="small" loading={save.isPending} onClick={submit}>
              {t.saveDraft}
            </Button>
          </span>
        ) : null}
      </div>
      <Canvas definition={definition} counts={journey.nodes} chosen={chosen} onChoose={setChosen} />
      <StepDrawer
        definition={definition}
        chosen={chosen}
        mayEdit={may("journey:write")}
        onChange={setDraft}
        onChoose={setChosen}
      />
    </Card>
  );
}

function TriggerLine({ definition }: { definition: JourneyDefinition }) {
  const t = useT();
  const segments = $api.useQuery("get", "/api/segments");
  const { trigger, goal, re_entry } = definition;
  const eventName = (name: string) => labelOf(t.pool.events, name);
  const words =
    trigger.kind === "event"
      ? t.journeys.triggers.event(eventName(trigger.name))
      : t.journeys.triggers.segment(
          segments.data?.items.find((item) => item.id === trigger.segment_id)?.name ??
            `#${trigger.segment_id}`,
        );
  return (
    <span className="row">
      <Tag color="green" icon={<ThunderboltOutlined />} style={{ margin: 0 }}>
        {words}
      </Tag>
      {goal ? (
        <Tag color="gold" icon={<FlagOutlined />} style={{ margin: 0 }}>
          {t.journeys.goal(eventName(goal.name))}
        </Tag>
      ) : null}
      {re_entry ? (
        <span className="muted small">{labelOf(t.journeys.reEntry, re_entry)}</span>
      ) : null}
    </span>
  );
}
