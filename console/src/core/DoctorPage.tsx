/** Why does nothing happen: every link checked, and what was rejected. */
import { ReloadOutlined } from "@ant-design/icons";
import { Alert, Button, Card, type TableColumnsType } from "antd";
import { $api, type Got, type Row } from "../api/client";
import { formatInt } from "../kit/format";
import { Page } from "../kit/Page";
import { Pager, Records, useCursors } from "../kit/Records";
import { Answer, EmptyState } from "../kit/States";
import { Time } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { Checks } from "./Checks";

type Rejected = Row<"/api/rejected">;

export default function DoctorPage() {
  const t = useT().core.doctor;
  const doctor = $api.useQuery("get", "/api/doctor");
  const intake = $api.useQuery("get", "/api/intake", {}, { refetchInterval: 5000 });
  return (
    <Page
      title={t.title}
      lead={t.lead}
      extra={
        <Button
          icon={<ReloadOutlined />}
          loading={doctor.isFetching}
          onClick={() => doctor.refetch()}
        >
          {t.again}
        </Button>
      }
    >
      <Answer query={intake} rows={2}>
        {(data) => <IntakeCards intake={data} />}
      </Answer>
      <Answer query={doctor} rows={8}>
        {({ checks }) => {
          const bad = checks.filter((check) => !check.is_ok);
          return (
            <Card>
              <Alert
                showIcon
                type={bad.length === 0 ? "success" : "warning"}
                title={bad.length === 0 ? t.allWell : t.problems(bad.length)}
                description={bad.length === 0 ? t.allWellHint : undefined}
                style={{ marginBottom: 16 }}
              />
              <Checks checks={[...bad, ...checks.filter((check) => check.is_ok)]} />
            </Card>
          );
        }}
      </Answer>
      <RejectedList />
    </Page>
  );
}

function IntakeCards({ intake }: { intake: Got<"/api/intake"> }) {
  const t = useT().core.doctor;
  const language = useLanguage();
  const cards = [
    [t.accepted, formatInt(intake.accepted_total, language)],
    [t.pending, formatInt(intake.inbox_pending, language)],
    [t.rejectedTotal, formatInt(intake.rejected_total, language)],
  ];
  return (
    <div className="grid kpis">
      {cards.map(([label, value]) => (
        <div className="kpi" key={label}>
          <span className="muted">{label}</span>
          <span className="value">{value}</span>
        </div>
      ))}
      <div className="kpi">
        <span className="muted">{t.lastEvent}</span>
        <span className="value" style={{ fontSize: 20 }}>
          <Time at={intake.last_event_at} />
        </span>
      </div>
    </div>
  );
}

function RejectedList() {
  const t = useT().core.doctor;
  const cursors = useCursors();
  const rejected = $api.useQuery("get", "/api/rejected", {
    params: { query: { cursor: cursors.cursor, limit: 20 } },
  });
  const columns: TableColumnsType<Rejected> = [
    { title: t.at, dataIndex: "at", width: 110, render: (at: string) => <Time at={at} /> },
    { title: t.source, dataIndex: "source", width: 140, ellipsis: true },
    { title: t.reason, dataIndex: "reason" },
    { title: t.field, dataIndex: "field", width: 140, className: "mono" },
    { title: t.sample, dataIndex: "sample", ellipsis: true, className: "mono muted" },
  ];
  return (
    <section>
      <h2 style={{ fontSize: 16, margin: "8px 0 2px" }}>{t.rejected}</h2>
      <p className="muted" style={{ margin: "0 0 12px" }}>
        {t.rejectedHint}
      </p>
      <Answer query={rejected}>
        {(page) => (
          <Records<Rejected>
            rows={page.items}
            rowKey={(row) => row.id}
            columns={columns}
            card={(row) => (
              <div className="stack" style={{ gap: 4 }}>
                <div className="spread">
                  <span className="strong break">{row.reason}</span>
                  <span className="muted small">
                    <Time at={row.at} />
                  </span>
                </div>
                <span className="muted small mono break">{row.sample}</span>
              </div>
            )}
            empty={<EmptyState title={t.noRejected} hint={t.rejectedHint} />}
            pager={<Pager cursors={cursors} next={page.next_cursor} />}
            minWidth={820}
          />
        )}
      </Answer>
    </section>
  );
}
