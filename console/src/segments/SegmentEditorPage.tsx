/** Making or changing a segment, counting while one edits. */
import { ArrowLeftOutlined, InboxOutlined } from "@ant-design/icons";
import { App, Button, Card, Input, Skeleton, Tabs } from "antd";
import { type ReactNode, useReducer, useState } from "react";
import { Link, useLocation, useNavigate, useParams, useSearchParams } from "react-router";
import { $api } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Page } from "../kit/Page";
import { Answer } from "../kit/States";
import { useLanguage, useT } from "../locale";
import { Builder } from "./Builder";
import { Conflict } from "./Conflict";
import { isComplete } from "./complete";
import { type Definition, editDefinition, emptyDefinition, isGroup } from "./definition";
import { ExplainMember } from "./ExplainMember";
import { Growth } from "./Growth";
import { JsonButton } from "./JsonButton";
import { ListUploads } from "./ListUploads";
import { Members } from "./Members";
import { PreviewCard } from "./PreviewCard";
import { usePreview } from "./preview";
import { type Segment, useSaving } from "./saving";
import { Templates } from "./Templates";
import { fromWire, toWire } from "./wire";

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

export function Title({ text }: { text: string }) {
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

/** The list a segment shows, when its only condition is an uploaded list. */
export function listIdOf(definition: unknown): number | null {
  const root = fromWire(definition).root;
  const [only] = isGroup(root) ? root.children : [];
  const isAlone = isGroup(root) && root.op !== "not" && root.children.length === 1;
  return isAlone && only && !isGroup(only) && only.op === "list" && only.has !== false
    ? (only.list_id ?? null)
    : null;
}

function useStart(segment: Segment | null): { name: string; definition: Definition } {
  const told = useLocation().state as { name?: string; definition?: unknown } | null;
  if (segment) return { name: segment.name, definition: fromWire(segment.definition) };
  if (told?.definition) return { name: told.name ?? "", definition: fromWire(told.definition) };
  return { name: "", definition: emptyDefinition() };
}

function Editor({ segment }: { segment: Segment | null }) {
  const t = useT();
  const words = t.segments;
  const may = useMay();
  const { message } = App.useApp();
  const start = useStart(segment);
  const [name, setName] = useState(start.name);
  const [definition, dispatch] = useReducer(editDefinition, start.definition);
  const [version, setVersion] = useState<number | null>(segment?.version ?? null);
  const saving = useSaving(segment?.id ?? null, (saved) => setVersion(saved.version ?? null));
  const wire = toWire(definition.root).definition;
  const draft = { name: name.trim(), definition: { ...wire } };
  const submit = (over: number | null) => {
    if (!draft.name) message.warning(words.nameFirst);
    else saving.save(draft, over);
  };
  const take = (theirs: Segment) => {
    setName(theirs.name);
    setVersion(theirs.version ?? null);
    dispatch({ kind: "reset", definition: fromWire(theirs.definition) });
    saving.forget();
  };
  const heading = name || words.untitled;
  const actions = may("segment:write") ? (
    <>
      {segment && !segment.is_archived ? <Archive id={segment.id} /> : null}
      <Button
        type="primary"
        loading={saving.isSaving}
        disabled={!isComplete(definition.root)}
        onClick={() => submit(version)}
      >
        {t.kit.save}
      </Button>
    </>
  ) : null;
  const edit = <Edit name={name} setName={setName} definition={definition} dispatch={dispatch} />;
  return (
    <Page title={<Title text={heading} />} name={heading} extra={actions}>
      {segment ? <Sections segment={segment} edit={edit} /> : edit}
      {saving.theirs ? (
        <Conflict
          mine={draft}
          theirs={saving.theirs}
          onTake={() => saving.theirs && take(saving.theirs)}
          onKeep={() => {
            const over = saving.theirs?.version ?? null;
            saving.forget();
            submit(over);
          }}
          onClose={saving.forget}
        />
      ) : null}
    </Page>
  );
}

interface EditProps {
  name: string;
  setName: (name: string) => void;
  definition: Definition;
  dispatch: Parameters<typeof Builder>[0]["dispatch"];
}

function Edit({ name, setName, definition, dispatch }: EditProps) {
  const words = useT().segments;
  const language = useLanguage();
  const preview = usePreview(definition);
  const isEmpty = isGroup(definition.root) && definition.root.children.length === 0;
  const reset = (next: Definition) => dispatch({ kind: "reset", definition: next });
  return (
    <div className="stack">
      {isEmpty ? (
        <Templates
          onChoose={(template) => {
            if (!name) setName(language === "zh" ? template.zh : template.en);
            reset(fromWire(template.definition));
          }}
        />
      ) : null}
      <div className="grid wide-left">
        <Card title={words.builder} extra={<JsonButton definition={definition} onApply={reset} />}>
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
        <PreviewCard definition={definition} preview={preview} />
      </div>
    </div>
  );
}

function Sections({ segment, edit }: { segment: Segment; edit: ReactNode }) {
  const words = useT().segments;
  const [search, setSearch] = useSearchParams();
  const { id } = segment;
  const isList = listIdOf(segment.definition) !== null;
  const first = isList
    ? { key: "uploads", label: words.tabs.uploads, children: <ListUploads id={id} /> }
    : { key: "edit", label: words.tabs.edit, children: edit };
  return (
    <Tabs
      destroyOnHidden
      activeKey={search.get("tab") ?? first.key}
      onChange={(tab) => setSearch({ tab }, { replace: true })}
      items={[
        first,
        { key: "members", label: words.tabs.members, children: <Members id={id} /> },
        { key: "growth", label: words.tabs.growth, children: <Growth id={id} /> },
        { key: "explain", label: words.tabs.explain, children: <ExplainMember id={id} /> },
      ]}
    />
  );
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
