/** Making or changing a segment, counting while one edits. */
import { ArrowLeftOutlined, InboxOutlined } from "@ant-design/icons";
import { App, Button, Card, Input, Skeleton, Tabs } from "antd";
import { useReducer, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { $api, type Got } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Page } from "../kit/Page";
import { Answer } from "../kit/States";
import { useT } from "../locale";
import { Builder } from "./Builder";
import { definitionOf, editDefinition, emptyDefinition, isComplete } from "./definition";
import { ExplainMember } from "./ExplainMember";
import { History, Members } from "./Members";
import { PreviewCard } from "./PreviewCard";
import { usePreview } from "./preview";

type Segment = Got<"/api/segments/{segment_id}">;

export default function SegmentEditorPage() {
  const { id } = useParams();
  return id === undefined ? (
    <Editor key="new" segment={null} />
  ) : (
    <Loaded key={id} id={Number(id)} />
  );
}

function Loaded({ id }: { id: number }) {
  const t = useT().segments;
  const segment = $api.useQuery("get", "/api/segments/{segment_id}", {
    params: { path: { segment_id: id } },
  });
  if (segment.data) return <Editor segment={segment.data} />;
  return (
    <Page title={<Title text="…" />} name={t.title}>
      <Answer query={segment} loading={<Skeleton active paragraph={{ rows: 8 }} />}>
        {() => null}
      </Answer>
    </Page>
  );
}

function Title({ text }: { text: string }) {
  const t = useT().segments;
  return (
    <span className="row">
      <Link to="/segments" aria-label={t.back} className="muted">
        <ArrowLeftOutlined />
      </Link>
      {text}
    </span>
  );
}

function Editor({ segment }: { segment: Segment | null }) {
  const t = useT();
  const words = t.segments;
  const may = useMay();
  const { message } = App.useApp();
  const [name, setName] = useState(segment?.name ?? "");
  const [definition, dispatch] = useReducer(
    editDefinition,
    segment ? definitionOf(segment.definition) : emptyDefinition(),
  );
  const preview = usePreview(definition);
  const save = useSave(segment);
  const submit = () => {
    if (!name.trim()) message.warning(words.nameFirst);
    else save.run(name.trim(), { ...definition });
  };
  const heading = name || words.untitled;
  const edit = (
    <div className="grid wide-left">
      <Card title={words.builder}>
        <div className="stack">
          <Input
            size="large"
            aria-label={words.name}
            placeholder={words.name}
            maxLength={64}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Builder definition={definition} counts={preview.counts} dispatch={dispatch} />
        </div>
      </Card>
      <PreviewCard preview={preview} />
    </div>
  );
  return (
    <Page
      title={<Title text={heading} />}
      name={heading}
      extra={
        may("segment:write") ? (
          <>
            {segment && !segment.is_archived ? <Archive id={segment.id} /> : null}
            <Button
              type="primary"
              loading={save.isPending}
              disabled={!isComplete(definition.root)}
              onClick={submit}
            >
              {t.kit.save}
            </Button>
          </>
        ) : null
      }
    >
      {segment ? (
        <Tabs
          destroyOnHidden
          items={[
            { key: "edit", label: words.tabs.edit, children: edit },
            { key: "members", label: words.tabs.members, children: <Members id={segment.id} /> },
            {
              key: "explain",
              label: words.tabs.explain,
              children: <ExplainMember id={segment.id} />,
            },
            { key: "history", label: words.tabs.history, children: <History id={segment.id} /> },
          ]}
        />
      ) : (
        edit
      )}
    </Page>
  );
}

function useSave(segment: Segment | null) {
  const t = useT().segments;
  const act = useAct();
  const navigate = useNavigate();
  const paths = ["/api/segments", "/api/setup"];
  const create = $api.useMutation("post", "/api/segments", act(paths, t.saved));
  const update = $api.useMutation("put", "/api/segments/{segment_id}", act(paths, t.saved));
  const run = (name: string, definition: Record<string, unknown>) => {
    const body = { name, definition };
    if (segment) {
      update.mutate({ params: { path: { segment_id: segment.id } }, body });
    } else {
      create.mutate(
        { body },
        { onSuccess: (made) => navigate(`/segments/${made.id}`, { replace: true }) },
      );
    }
  };
  return { run, isPending: create.isPending || update.isPending };
}

function Archive({ id }: { id: number }) {
  const t = useT().segments;
  const act = useAct();
  const navigate = useNavigate();
  const { modal } = App.useApp();
  const archive = $api.useMutation(
    "delete",
    "/api/segments/{segment_id}",
    act(["/api/segments"], t.archived, () => navigate("/segments")),
  );
  const ask = () =>
    modal.confirm({
      title: t.archive,
      content: t.archiveAsk,
      onOk: () => archive.mutate({ params: { path: { segment_id: id } } }),
    });
  return (
    <Button icon={<InboxOutlined />} onClick={ask}>
      {t.archive}
    </Button>
  );
}
