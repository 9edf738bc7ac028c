/** What a newcomer does next. */
import { CheckCircleFilled } from "@ant-design/icons";
import { Alert, Button, Card, Progress } from "antd";
import { Link } from "react-router";
import { $api, type Got } from "../api/client";
import { Page } from "../kit/Page";
import { Answer } from "../kit/States";
import { useT } from "../locale";

type Step = Got<"/api/setup">["steps"][number];

const PLACES: Record<string, string> = {
  account: "/accounts",
  write_key: "/write-keys",
  first_event: "/doctor",
  live_code: "/live-codes",
  segment: "/segments/new",
  journey: "/journeys",
};

export default function StartPage() {
  const t = useT().core.start;
  const setup = $api.useQuery("get", "/api/setup");
  return (
    <Page title={t.title} lead={t.lead}>
      <Answer query={setup} rows={10}>
        {({ steps }) => <Steps steps={steps} />}
      </Answer>
    </Page>
  );
}

function Steps({ steps }: { steps: Step[] }) {
  const t = useT().core.start;
  const done = steps.filter((step) => step.is_done).length;
  const next = steps.find((step) => !step.is_done)?.key;
  return (
    <>
      <Card>
        <div className="spread">
          <span className="strong">{t.progress(done, steps.length)}</span>
        </div>
        <Progress percent={Math.round((done / Math.max(steps.length, 1)) * 100)} showInfo={false} />
        {done === steps.length ? (
          <Alert type="success" showIcon title={<Link to="/">{t.allDone}</Link>} />
        ) : null}
      </Card>
      <div className="grid cards">
        {steps.map((step, index) => (
          <StepCard key={step.key} step={step} number={index + 1} isNext={step.key === next} />
        ))}
      </div>
    </>
  );
}

interface StepCardProps {
  step: Step;
  number: number;
  isNext: boolean;
}

function StepCard({ step, number, isNext }: StepCardProps) {
  const t = useT().core.start;
  const words = t.steps[step.key] ?? { title: step.key, text: "" };
  return (
    <Card style={isNext ? { borderColor: "var(--tea)" } : {}}>
      <div className="stack" style={{ gap: 10, height: "100%" }}>
        <div className="spread">
          <span className="strong" style={{ fontSize: 16 }}>
            {number}. {words.title}
          </span>
          {step.is_done ? (
            <CheckCircleFilled style={{ color: "var(--tea)", fontSize: 20 }} aria-label={t.done} />
          ) : null}
        </div>
        <div className="muted" style={{ minHeight: 44 }}>
          {words.text}
        </div>
        <div className="spread">
          <span className="muted small">{step.count > 0 ? t.count(step.count) : ""}</span>
          <Link to={PLACES[step.key] ?? "/"}>
            <Button type={isNext ? "primary" : "default"}>{step.is_done ? t.look : t.go}</Button>
          </Link>
        </div>
      </div>
    </Card>
  );
}
