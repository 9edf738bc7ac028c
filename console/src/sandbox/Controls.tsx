/** Any operation a sandbox lists, with a field for each of its arguments. */
import { Button, Card, Form, Input, InputNumber, Segmented, Select, Switch } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { EmptyState } from "../kit/States";
import { Platform } from "../kit/Values";
import { useT } from "../locale";
import { argumentsOf, type Values } from "./arguments";
import type { SandboxPlatform } from "./SandboxPage";
import { helpOf, named } from "./titles";

type Operation = SandboxPlatform["operations"][number];
type Argument = Operation["arguments"][number];

export function Controls({ platforms }: { platforms: SandboxPlatform[] }) {
  const t = useT().sandbox;
  const [platform, setPlatform] = useState(platforms[0]?.name ?? "");
  const [name, setName] = useState<string>();
  const operations = platforms.find((each) => each.name === platform)?.operations ?? [];
  const operation = operations.find((each) => each.name === name) ?? operations[0];
  const choose = (value: string) => {
    setPlatform(value);
    setName(undefined);
  };
  return (
    <Card title={t.act}>
      <div className="stack">
        <div style={{ overflowX: "auto" }}>
          <Segmented
            value={platform}
            onChange={choose}
            options={platforms.map((each) => ({
              value: each.name,
              label: <Platform code={each.name} />,
            }))}
          />
        </div>
        {operation ? (
          <>
            <Select
              aria-label={t.operation}
              showSearch
              optionFilterProp="search"
              value={operation.name}
              onChange={setName}
              options={operations.map((each) => ({
                value: each.name,
                label: <Name titles={t.operations} raw={each.name} />,
                search: `${named(t.operations, each.name).title} ${each.name}`,
              }))}
              style={{ maxWidth: 360 }}
            />
            <OperationForm
              key={`${platform}-${operation.name}`}
              platform={platform}
              operation={operation}
            />
          </>
        ) : (
          <EmptyState title={t.noOperations} />
        )}
      </div>
    </Card>
  );
}

/** The title of an operation or argument, its raw name beside it in small. */
function Name({ titles, raw: own }: { titles: Record<string, string>; raw: string }) {
  const { title, raw } = named(titles, own);
  return (
    <span>
      {title}
      {raw ? <span className="muted small mono"> {raw}</span> : null}
    </span>
  );
}

function OperationForm({ platform, operation }: { platform: string; operation: Operation }) {
  const t = useT().sandbox;
  const act = useAct();
  const [form] = Form.useForm<Values>();
  const run = $api.useMutation("post", "/api/sandbox/control", act(["/api/sandbox"], t.run));
  const submit = (values: Values) =>
    run.mutate({
      body: {
        platform,
        operation: operation.name,
        arguments: argumentsOf(operation.arguments, values),
      },
    });
  return (
    <Form form={form} layout="vertical" onFinish={submit}>
      <p className="muted">{helpOf(t.helps, platform, operation)}</p>
      <div
        style={{
          display: "grid",
          gap: "0 16px",
          gridTemplateColumns: "repeat(auto-fill, minmax(220px, 1fr))",
        }}
      >
        {operation.arguments.map((argument) => (
          <Field key={argument.name} argument={argument} />
        ))}
      </div>
      <Button type="primary" htmlType="submit" loading={run.isPending}>
        {t.run}
      </Button>
      {run.data ? (
        <div style={{ marginTop: 12 }}>
          <div className="muted small">{t.result}</div>
          <pre className="mono small" style={{ overflowX: "auto", maxHeight: 260 }}>
            {JSON.stringify(run.data.result, null, 1)}
          </pre>
        </div>
      ) : null}
    </Form>
  );
}

function Field({ argument }: { argument: Argument }) {
  const t = useT().sandbox;
  const isFlag = argument.kind === "flag";
  return (
    <Form.Item
      name={argument.name}
      label={<Name titles={t.operands} raw={argument.name} />}
      valuePropName={isFlag ? "checked" : "value"}
      rules={[{ required: argument.is_required && !isFlag, message: t.required }]}
    >
      {fieldOf(argument, t.json)}
    </Form.Item>
  );
}

function fieldOf(argument: Argument, json: string) {
  const hint = argument.default === null || argument.default === "" ? "" : String(argument.default);
  if (argument.kind === "number") {
    return <InputNumber style={{ width: "100%" }} placeholder={hint} />;
  }
  if (argument.kind === "flag") return <Switch />;
  if (argument.kind === "list") return <Select mode="tags" placeholder={hint} open={false} />;
  if (argument.kind === "json") return <Input.TextArea rows={2} placeholder={json} />;
  return <Input placeholder={hint} />;
}
