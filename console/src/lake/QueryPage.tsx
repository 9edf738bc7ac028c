/** SQL for analysts, read-only. */
import { PlayCircleOutlined } from "@ant-design/icons";
import { Alert, Button, Card, Dropdown, Input, Table } from "antd";
import { useState } from "react";
import { $api, type Posted } from "../api/client";
import { problemOf } from "../api/problem";
import { Page } from "../kit/Page";
import { EmptyState } from "../kit/States";
import { useT } from "../locale";
import { EXAMPLES } from "./examples";

type Answer = Posted<"/api/query">;

export default function QueryPage() {
  const t = useT();
  const [sql, setSql] = useState(EXAMPLES.sources);
  const query = $api.useMutation("post", "/api/query");
  const run = () => {
    if (sql.trim()) query.mutate({ body: { sql } });
  };
  const examples = Object.entries(t.lake.exampleWords).map(([key, label]) => ({ key, label }));
  return (
    <Page title={t.lake.title} lead={t.lake.lead}>
      <Card>
        <div className="stack" style={{ gap: 12 }}>
          <Input.TextArea
            className="mono"
            aria-label="SQL"
            autoSize={{ minRows: 5, maxRows: 18 }}
            spellCheck={false}
            placeholder={t.lake.placeholder}
            value={sql}
            onChange={(event) => setSql(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
            }}
          />
          <div className="row">
            <Button
              type="primary"
              icon={<PlayCircleOutlined />}
              loading={query.isPending}
              onClick={run}
            >
              {t.lake.run}
            </Button>
            <Dropdown
              trigger={["click"]}
              menu={{
                items: examples,
                onClick: ({ key }) => setSql(EXAMPLES[key as keyof typeof EXAMPLES]),
              }}
            >
              <Button>{t.lake.examples}</Button>
            </Dropdown>
            <span className="muted small">{t.lake.runKeys}</span>
          </div>
        </div>
      </Card>
      {query.isError ? <Alert type="error" showIcon title={problemOf(query.error).title} /> : null}
      <Card
        styles={{ body: query.data?.rows.length ? { padding: 0 } : {} }}
        style={{ overflow: "hidden" }}
      >
        {query.data ? (
          <Result answer={query.data} />
        ) : (
          <EmptyState title={t.lake.empty} hint={t.lake.emptyHint} />
        )}
      </Card>
    </Page>
  );
}

function Result({ answer }: { answer: Answer }) {
  const t = useT().lake;
  if (answer.rows.length === 0) return <EmptyState title={t.noRows} />;
  const columns = answer.columns.map((name, index) => ({
    title: name,
    key: name,
    render: (_: unknown, row: Line) => cellOf(row.cells[index]),
    className: "num",
  }));
  return (
    <Table<Line>
      size="small"
      rowKey="key"
      columns={columns}
      dataSource={linesOf(answer.rows)}
      pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
      scroll={{ x: Math.max(480, answer.columns.length * 140) }}
      footer={() => (
        <span className="muted">{t.took(Math.round(answer.took_ms), answer.rows.length)}</span>
      )}
    />
  );
}

interface Line {
  key: number;
  cells: unknown[];
}

function linesOf(rows: unknown[]): Line[] {
  return rows.map((row, key) => ({ key, cells: Array.isArray(row) ? row : [row] }));
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "—";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
