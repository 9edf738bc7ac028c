/** The outcome of a self-check: what is fine, what is not and what to do. */
import { CheckCircleFilled, ExclamationCircleFilled } from "@ant-design/icons";
import type { Got } from "../api/client";
import { useAccountLabel } from "../kit/Values";
import { labelOf, useT } from "../locale";

type Check = Got<"/api/doctor">["checks"][number];

/** `duty:lake.flush`, `circuit:wecom:ww1:wecom.mass_send`, `wecom:ww1:token` or `home` in words. */
function useCheckName(): (name: string) => string {
  const t = useT().core.doctor;
  const account = useAccountLabel();
  return (name) => {
    if (name.startsWith("duty:")) return t.duty(name.slice(5));
    const at = name.lastIndexOf(":");
    if (at < 0) return labelOf(t.names, name);
    if (name.startsWith("circuit:"))
      return `${account(name.slice(8, at))} · ${t.circuit(name.slice(at + 1))}`;
    return `${account(name.slice(0, at))} · ${labelOf(t.names, name.slice(at + 1))}`;
  };
}

export function Checks({ checks }: { checks: Check[] }) {
  const say = useCheckName();
  return (
    <div className="check-list">
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
            <span className="strong">{say(check.name)}</span>
            {check.detail ? <span className="muted break"> · {check.detail}</span> : null}
            {check.advice && !check.is_ok ? <div className="down break">{check.advice}</div> : null}
          </span>
        </div>
      ))}
    </div>
  );
}
