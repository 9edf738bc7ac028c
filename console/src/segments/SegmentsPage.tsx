/** All segments with their live counts. */
import { PlusOutlined } from "@ant-design/icons";
import { Button, Card } from "antd";
import { Link } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { formatInt } from "../kit/format";
import { Page } from "../kit/Page";
import { Answer, EmptyState } from "../kit/States";
import { Time } from "../kit/Values";
import { useLanguage, useT } from "../locale";

type Segment = Row<"/api/segments">;

export default function SegmentsPage() {
  const t = useT().segments;
  const may = useMay();
  const segments = $api.useQuery("get", "/api/segments", {}, { refetchInterval: 15_000 });
  const add = may("segment:write") ? (
    <Link to="/segments/new">
      <Button type="primary" icon={<PlusOutlined />}>
        {t.add}
      </Button>
    </Link>
  ) : null;
  return (
    <Page title={t.title} lead={t.lead} extra={add}>
      <Answer query={segments} rows={8}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <EmptyState title={t.empty} hint={t.emptyHint} action={add} />
            </Card>
          ) : (
            <div className="grid cards">
              {items.map((segment) => (
                <SegmentCard key={segment.id} segment={segment} />
              ))}
            </div>
          )
        }
      </Answer>
    </Page>
  );
}

function SegmentCard({ segment }: { segment: Segment }) {
  const t = useT().segments;
  const language = useLanguage();
  return (
    <Link
      to={`/segments/${segment.id}`}
      className="record"
      style={{ padding: 18, opacity: segment.is_archived ? 0.6 : 1 }}
    >
      <div className="strong clip" style={{ fontSize: 16 }}>
        {segment.name}
      </div>
      <div style={{ fontSize: 28, fontWeight: 600, margin: "8px 0 6px" }} className="num up">
        {formatInt(segment.count, language)}
        <span className="muted" style={{ fontSize: 13, fontWeight: 400, marginInlineStart: 6 }}>
          {t.members}
        </span>
      </div>
      <div className="muted small">
        {segment.is_archived ? `${t.archived} · ` : ""}
        {t.updated} <Time at={segment.updated_at} />
      </div>
    </Link>
  );
}
