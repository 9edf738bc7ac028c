/** The outcome of a self-check: what is fine, what is not and what to do. */
import { CheckCircleFilled, ExclamationCircleFilled } from "@ant-design/icons";
import type { Got } from "../api/client";

type Check = Got<"/api/doctor">["checks"][number];

export function Checks({ checks }: { checks: Check[] }) {
  return (
    <div className="records" style={{ gap: 8 }}>
      {checks.map((check) => (
        <div
          className="row"
          key={`${check.name}-${check.detail}`}
          style={{ alignItems: "flex-start", flexWrap: "nowrap" }}
        >
          {check.is_ok ? (
            <CheckCircleFilled style={{ color: "var(--tea)", marginTop: 4 }} />
          ) : (
            <ExclamationCircleFilled style={{ color: "var(--camellia)", marginTop: 4 }} />
          )}
          <span style={{ minWidth: 0 }}>
            <span className="strong">{check.name}</span>
            {check.detail ? <span className="muted break"> · {check.detail}</span> : null}
            {check.advice && !check.is_ok ? <div className="down break">{check.advice}</div> : null}
          </span>
        </div>
      ))}
    </div>
  );
}
