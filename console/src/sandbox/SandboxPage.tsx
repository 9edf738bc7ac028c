/** The sandbox's control page: people's acts, bad days, the platforms' own books. */
import { Card, type TableColumnsType, Tag } from "antd";
import { useState } from "react";
import { $api, type Got } from "../api/client";
import { formatInt } from "../kit/format";
import { Page } from "../kit/Page";
import { Records } from "../kit/Records";
import { Answer, EmptyState } from "../kit/States";
import { Platform, Time } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { Controls } from "./Controls";
import { Weather } from "./Weather";

export type Sandbox = Got<"/api/sandbox">;
export type SandboxPlatform = Sandbox["platforms"][number];
type Call = Sandbox["calls"][number];

export default function SandboxPage() {
  const t = useT().sandbox;
  const sandbox = $api.useQuery(
    "get",
    "/api/sandbox",
    {},
    { refetchInterval: 4_000, retry: false },
  );
  return (
    <Page title={t.title} lead={t.lead}>
      <Answer query={sandbox} rows={8}>
        {(found) => (
          <>
            <Controls platforms={found.platforms} />
            <Weather days={found.bad_days} platforms={found.platforms.map((each) => each.name)} />
            <Witness sandbox={found} />
            <Calls calls={found.calls} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Witness({ sandbox }: { sandbox: Sandbox }) {
  const t = useT().sandbox;
  const [shown, setShown] = useState(sandbox.platforms[0]?.name ?? "");
  const tabs = [
    ...sandbox.platforms.map((each) => ({ key: each.name, tab: <Platform code={each.name} /> })),
    { key: "callbacks", tab: t.callbacks },
  ];
  const found = sandbox.platforms.find((each) => each.name === shown);
  const counts = found ? found.witness : sandbox.callbacks;
  return (
    <Card title={t.witness} tabList={tabs} activeTabKey={shown} onTabChange={setShown}>
      <Counts counts={counts} />
    </Card>
  );
}

function Counts({ counts }: { counts: Record<string, number> }) {
  const language = useLanguage();
  return (
    <div
      style={{
        display: "grid",
        gap: "8px 24px",
        gridTemplateColumns: "repeat(auto-fill, minmax(150px, 1fr))",
      }}
    >
      {Object.entries(counts).map(([name, value]) => (
        <div key={name} className="spread">
          <span className="muted small mono">{name}</span>
          <span className={`num strong ${name.includes("duplicate") && value ? "down" : ""}`}>
            {formatInt(value, language)}
          </span>
        </div>
      ))}
    </div>
  );
}

function Calls({ calls }: { calls: Call[] }) {
  const t = useT().sandbox;
  const columns: TableColumnsType<Call> = [
    { title: t.at, render: (_, row) => <Time at={row.at} /> },
    { title: t.call, render: (_, row) => <CallName call={row} /> },
    { title: t.status, render: (_, row) => <Status call={row} /> },
    { title: t.note, dataIndex: "note" },
  ];
  return (
    <section className="stack">
      <h2>{t.calls}</h2>
      <Records<Call>
        rows={calls.slice(0, 50)}
        rowKey={(row) => `${row.at}-${row.platform}-${row.path}-${calls.indexOf(row)}`}
        columns={columns}
        card={(row) => (
          <div className="spread">
            <CallName call={row} />
            <Status call={row} />
          </div>
        )}
        empty={<EmptyState title={t.callsEmpty} />}
      />
    </section>
  );
}

function CallName({ call }: { call: Call }) {
  return (
    <span style={{ overflowWrap: "anywhere" }}>
      <Platform code={call.platform} />{" "}
      <span className="mono small">
        {call.method} {call.path}
      </span>
    </span>
  );
}

function Status({ call }: { call: Call }) {
  return <Tag color={call.status < 400 && !call.note ? "green" : "red"}>{call.status}</Tag>;
}
