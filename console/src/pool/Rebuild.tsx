/** How far a rebuild or its preview is, and what it found. */

import { useQueryClient } from "@tanstack/react-query";
import { Alert, Progress, Tag } from "antd";
import { useEffect } from "react";
import { Link } from "react-router";
import { $api, type Got } from "../api/client";
import { formatInt } from "../kit/format";
import { Answer } from "../kit/States";
import { Time } from "../kit/Values";
import { labelOf, useLanguage, useT } from "../locale";

type Run = Got<"/api/rebuilds/{rebuild_id}">;
const isOpen = (run: Run | undefined) => run?.state === "queued" || run?.state === "running";

export function Rebuild({ id }: { id: number }) {
  const queries = useQueryClient();
  const run = $api.useQuery(
    "get",
    "/api/rebuilds/{rebuild_id}",
    { params: { path: { rebuild_id: id } } },
    { refetchInterval: (query) => (isOpen(query.state.data as Run | undefined) ? 1000 : false) },
  );
  const state = run.data?.state;
  useEffect(() => {
    if (state !== "done") return;
    queries.invalidateQueries({
      predicate: ({ queryKey }) =>
        ["/api/identity-rules", "/api/conflicts"].includes(String(queryKey[1])),
    });
  }, [state, queries]);
  return <Answer query={run}>{(data) => <Body run={data} />}</Answer>;
}

function Body({ run }: { run: Run }) {
  const t = useT().oneid.rebuild;
  if (isOpen(run)) return <Running run={run} />;
  if (run.state === "failed") {
    return <Alert type="error" title={t.failed} description={run.report.error} />;
  }
  return <Report run={run} />;
}

function Running({ run }: { run: Run }) {
  const t = useT().oneid.rebuild;
  const language = useLanguage();
  const { phase = "", done = 0, total = 0 } = run.progress;
  return (
    <div data-testid="rebuild-running">
      <div className="spread">
        <span>{phase ? labelOf(t.phases, phase) : t.waiting}</span>
        <span className="muted small num">
          {total > 0 ? `${formatInt(done, language)} / ${formatInt(total, language)}` : ""}
        </span>
      </div>
      <Progress percent={total > 0 ? Math.round((100 * done) / total) : 0} status="active" />
    </div>
  );
}

function Report({ run }: { run: Run }) {
  const t = useT().oneid.rebuild;
  const language = useLanguage();
  const n = (value: number | undefined) => formatInt(value ?? 0, language);
  const report = run.report;
  const changes: [string, number | undefined][] = [
    [t.merges, report.merges],
    [t.splits, report.splits],
    [t.quarantined, report.quarantined],
    [t.released, report.released],
    [t.joined, report.joined],
    [t.refused, report.refused],
  ];
  const isQuiet = changes.every(([, value]) => !value);
  return (
    <div className="stack" data-testid="rebuild-report">
      <div className="spread">
        <span className="strong">{run.is_preview ? t.previewTitle : t.doneTitle}</span>
        <span className="muted small">
          {t.of(n(report.identities), n(report.edges))} · <Time at={run.ended_at} />
        </span>
      </div>
      <div className="row" style={{ gap: "12px 32px" }}>
        <Figure
          label={t.customers}
          value={
            isQuiet ? n(report.customers) : `${n(report.customers_before)} → ${n(report.customers)}`
          }
        />
        {changes.map(([label, value]) => (
          <Figure key={label} label={label} value={n(value)} />
        ))}
      </div>
      {isQuiet ? <span className="muted">{t.nothing}</span> : null}
      <Examples report={report} />
      {report.largest && report.largest.length > 0 ? (
        <div className="row tight">
          <span className="muted small">{t.largest}</span>
          {report.largest.slice(0, 5).map((size, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: places of a fixed list
            <Tag key={place} className="num">
              {n(size)}
            </Tag>
          ))}
        </div>
      ) : null}
    </div>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div className="stack" style={{ gap: 0 }}>
      <span className="muted small">{label}</span>
      <span className="strong num" style={{ fontSize: 18 }}>
        {value}
      </span>
    </div>
  );
}

function Examples({ report }: { report: Run["report"] }) {
  const t = useT().oneid.rebuild;
  const words = useT().oneid.queue;
  const link = (id: number) => (
    <Link key={id} to={`/customers/${id}?tab=why`}>
      {words.customer(id)}
    </Link>
  );
  return (
    <>
      {(report.merging ?? []).slice(0, 5).map((ids) => (
        <div key={ids.join()} className="row tight">
          <Tag color="success">{t.merging}</Tag>
          {ids.slice(0, 6).map(link)}
        </div>
      ))}
      {(report.splitting ?? []).slice(0, 5).map(([id = 0, parts = 0]) => (
        <div key={id} className="row tight">
          <Tag color="warning">{t.splitting}</Tag>
          {link(id)}
          <span className="muted small">{t.parts(parts)}</span>
        </div>
      ))}
    </>
  );
}
