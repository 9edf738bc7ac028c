/** All segments with their live counts; some may be chosen and compared. */
import { PlusOutlined, UploadOutlined } from "@ant-design/icons";
import { Button, Card, Checkbox, Input, Tag } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { formatInt } from "../kit/format";
import { Page } from "../kit/Page";
import { Answer, EmptyState } from "../kit/States";
import { Time } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { listIdOf } from "./SegmentEditorPage";
import { Templates } from "./Templates";
import { useConditionText } from "./words";

type Segment = Row<"/api/segments">;
const MAX_COMPARED = 5;

export default function SegmentsPage() {
  const t = useT().segments;
  const may = useMay();
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<number[]>([]);
  const segments = $api.useQuery("get", "/api/segments", {}, { refetchInterval: 15_000 });
  const compare = (
    <Button
      disabled={chosen.length < 2}
      title={t.compareChoose}
      onClick={() => navigate(`/segments/overlap?ids=${chosen.join(",")}`)}
    >
      {chosen.length < 2 ? t.compare : t.compareCount(chosen.length)}
    </Button>
  );
  const add = may("segment:write") ? (
    <>
      <Link to="/segments/upload">
        <Button icon={<UploadOutlined />}>{t.list.add}</Button>
      </Link>
      <Link to="/segments/new">
        <Button type="primary" icon={<PlusOutlined />}>
          {t.add}
        </Button>
      </Link>
    </>
  ) : null;
  const isCompared = (segments.data?.items.length ?? 0) > 1;
  return (
    <Page
      title={t.title}
      lead={t.lead}
      extra={
        <>
          {isCompared ? compare : null}
          {add}
        </>
      }
    >
      <Answer query={segments} rows={8}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing />
          ) : (
            <Cards items={items} chosen={chosen} onChoose={setChosen} />
          )
        }
      </Answer>
    </Page>
  );
}

function Nothing() {
  const t = useT().segments;
  const may = useMay();
  const navigate = useNavigate();
  const language = useLanguage();
  if (!may("segment:write"))
    return (
      <Card>
        <EmptyState title={t.empty} hint={t.emptyHint} />
      </Card>
    );
  return (
    <Templates
      onChoose={(template) =>
        navigate("/segments/new", {
          state: {
            name: language === "zh" ? template.zh : template.en,
            definition: template.definition,
          },
        })
      }
    />
  );
}

interface CardsProps {
  items: Segment[];
  chosen: number[];
  onChoose: (ids: number[]) => void;
}

function Cards({ items, chosen, onChoose }: CardsProps) {
  const t = useT().segments;
  const [typed, setTyped] = useState("");
  const found = items.filter((item) =>
    item.name.toLowerCase().includes(typed.trim().toLowerCase()),
  );
  const toggle = (id: number) =>
    onChoose(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return (
    <>
      {items.length > 6 ? (
        <Input.Search
          allowClear
          style={{ maxWidth: 320 }}
          placeholder={t.search}
          aria-label={t.search}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      ) : null}
      {found.length === 0 ? <EmptyState title={t.noMatch} /> : null}
      <div className="grid cards">
        {found.map((segment) => (
          <SegmentCard
            key={segment.id}
            segment={segment}
            isChosen={chosen.includes(segment.id)}
            isFull={chosen.length >= MAX_COMPARED}
            onToggle={() => toggle(segment.id)}
          />
        ))}
      </div>
    </>
  );
}

interface CardProps {
  segment: Segment;
  isChosen: boolean;
  isFull: boolean;
  onToggle: () => void;
}

function SegmentCard({ segment, isChosen, isFull, onToggle }: CardProps) {
  const t = useT().segments;
  const language = useLanguage();
  const textOf = useConditionText();
  const isList = listIdOf(segment.definition) !== null;
  return (
    <div style={{ position: "relative" }}>
      <Link
        to={`/segments/${segment.id}`}
        className="record"
        style={{ padding: 18, height: "100%" }}
        data-testid="segment-card"
      >
        <div className="strong clip" style={{ fontSize: 16, paddingInlineEnd: 28 }}>
          {segment.name}
        </div>
        <div style={{ fontSize: 28, fontWeight: 600, margin: "8px 0 6px" }} className="num up">
          {formatInt(segment.count, language)}
          <span className="muted" style={{ fontSize: 13, fontWeight: 400, marginInlineStart: 6 }}>
            {t.members}
          </span>
        </div>
        <div className="small clamp" style={{ marginBottom: 6 }}>
          {isList ? <Tag>{t.list.kind}</Tag> : textOf(segment.definition)}
        </div>
        <div className="muted small">
          {t.updated} <Time at={segment.updated_at} />
        </div>
      </Link>
      <Checkbox
        style={{ position: "absolute", top: 18, insetInlineEnd: 16 }}
        checked={isChosen}
        disabled={!isChosen && isFull}
        aria-label={`${t.choose} ${segment.name}`}
        onChange={onToggle}
      />
    </div>
  );
}
