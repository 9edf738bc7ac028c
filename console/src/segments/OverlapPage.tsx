/** Up to five segments side by side: who is in which, and any of it as a new segment. */
import { Alert, Button, Card, Select } from "antd";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { $api, type Got } from "../api/client";
import { useMay } from "../core/session";
import { formatInt } from "../kit/format";
import { Page } from "../kit/Page";
import { Answer, EmptyState } from "../kit/States";
import { useLanguage, useT } from "../locale";
import { definitionOfRegions, type Quick, regionKey, regionsOf } from "./overlap";
import { Title } from "./SegmentEditorPage";
import "./segments.css";
import { Upset } from "./Upset";
import { useConditionText } from "./words";

export type Overlap = Got<"/api/segments/overlap">;
const MAX_COMPARED = 5;

export default function OverlapPage() {
  const t = useT().segments;
  const [search, setSearch] = useSearchParams();
  const ids = (search.get("ids") ?? "").split(",").map(Number).filter(Boolean);
  const segments = $api.useQuery("get", "/api/segments");
  const options = (segments.data?.items ?? []).map((item) => ({
    value: item.id,
    label: item.name,
  }));
  const known = ids.filter((id) => options.some((option) => option.value === id));
  return (
    <Page title={<Title text={t.overlap.title} />} name={t.overlap.title} lead={t.overlap.lead}>
      <Select
        mode="multiple"
        maxCount={MAX_COMPARED}
        showSearch={{ optionFilterProp: "label" }}
        style={{ width: "100%", maxWidth: 720 }}
        placeholder={t.compareChoose}
        aria-label={t.compareChoose}
        loading={segments.isPending}
        value={known}
        options={options}
        onChange={(next: number[]) => setSearch({ ids: next.join(",") }, { replace: true })}
      />
      {known.length < 2 ? (
        <Card>
          <EmptyState title={t.compareChoose} />
        </Card>
      ) : (
        <Compared key={known.join(",")} ids={known} />
      )}
    </Page>
  );
}

function Compared({ ids }: { ids: number[] }) {
  const overlap = $api.useQuery("get", "/api/segments/overlap", { params: { query: { ids } } });
  return (
    <Answer query={overlap} rows={8}>
      {(found) => <Picture overlap={found} />}
    </Answer>
  );
}

function Picture({ overlap }: { overlap: Overlap }) {
  const t = useT().segments;
  const language = useLanguage();
  const [chosen, setChosen] = useState<string[]>([]);
  const toggle = (key: string) =>
    setChosen(chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key]);
  const { regions, segments } = overlap;
  const quick = (kind: Quick) => setChosen(regionsOf(regions, kind, segments.length));
  if (regions.length === 0)
    return (
      <Card>
        <EmptyState title={t.overlap.none} />
      </Card>
    );
  return (
    <Card>
      <div className="stack">
        <div className="row">
          <span className="muted">{t.overlap.quick}</span>
          <Button size="small" onClick={() => quick("union")}>
            {t.overlap.union}
          </Button>
          <Button size="small" onClick={() => quick("intersection")}>
            {t.overlap.intersection}
          </Button>
          {segments.map((segment) => (
            <Button size="small" key={segment.id} onClick={() => quick(segment.id)}>
              {t.overlap.difference(segment.name)}
            </Button>
          ))}
        </div>
        <Upset overlap={overlap} chosen={chosen} onToggle={toggle} />
        <div className="spread muted small">
          <span>{t.overlap.outside(formatInt(overlap.outside, language))}</span>
          <span className="num">{t.took(overlap.took_ms)}</span>
        </div>
        {chosen.length > 0 ? (
          <Chosen overlap={overlap} chosen={chosen} onClear={() => setChosen([])} />
        ) : null}
      </div>
    </Card>
  );
}

interface ChosenProps {
  overlap: Overlap;
  chosen: string[];
  onClear: () => void;
}

function Chosen({ overlap, chosen, onClear }: ChosenProps) {
  const t = useT().segments;
  const language = useLanguage();
  const may = useMay();
  const navigate = useNavigate();
  const textOf = useConditionText();
  const compared = overlap.segments.map((segment) => segment.id);
  const definition = definitionOfRegions(chosen, overlap.regions, compared);
  const count = overlap.regions
    .filter((region) => chosen.includes(regionKey(region.segment_ids)))
    .reduce((sum, region) => sum + region.count, 0);
  const save = () => navigate("/segments/new", { state: { definition } });
  return (
    <Alert
      type="info"
      data-testid="chosen"
      title={t.overlap.picked(formatInt(count, language))}
      description={textOf(definition)}
      action={
        <div className="row">
          <Button size="small" onClick={onClear}>
            {t.overlap.clear}
          </Button>
          {may("segment:write") ? (
            <Button size="small" type="primary" onClick={save}>
              {t.overlap.save}
            </Button>
          ) : null}
        </div>
      }
    />
  );
}
