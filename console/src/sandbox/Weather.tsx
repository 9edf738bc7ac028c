/** Bad days: presets, and every switch by hand. */
import { Button, Card, InputNumber, Select } from "antd";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { useT } from "../locale";

type Days = Record<string, number | string>;

const CALM = {
  rate_limited: 0,
  token_rejected: 0,
  busy: 0,
  error_5xx: 0,
  stall: 0,
  reset: 0,
  drop: 0,
  duplicate: 0,
  late: 0,
  shuffle: 0,
};
const PRESETS = {
  lossy: { drop: 0.2 },
  doubled: { duplicate: 1 },
  disorder: { late: 0.3, shuffle: 0.5 },
  limited: { rate_limited: 0.5 },
  expired: { token_rejected: 0.5 },
  broken: { error_5xx: 0.5 },
  reset: { reset: 0.5 },
  slow: { stall: 0.5 },
} as const;

export function Weather({ days, platforms }: { days: Days; platforms: string[] }) {
  const t = useT().sandbox;
  const act = useAct();
  const change = $api.useMutation("post", "/api/sandbox/bad-days", act(["/api/sandbox"]));
  const set = (changes: Days) => change.mutate({ body: { changes } });
  const isCalm = Object.keys(CALM).every((name) => days[name] === 0);
  return (
    <Card
      title={t.weather}
      extra={
        <Button disabled={isCalm} onClick={() => set({ ...CALM, only: "" })}>
          {t.calm}
        </Button>
      }
    >
      <div className="stack">
        <div className="row" style={{ flexWrap: "wrap", gap: 8 }}>
          <Select
            aria-label={t.only}
            value={String(days.only ?? "")}
            onChange={(only) => set({ only })}
            style={{ minWidth: 150 }}
            options={[
              { value: "", label: t.everything },
              ...platforms.map((name) => ({ value: `/${name}`, label: `/${name}` })),
            ]}
          />
          {(Object.keys(PRESETS) as (keyof typeof PRESETS)[]).map((name) => (
            <Button key={name} onClick={() => set({ ...CALM, ...PRESETS[name] })}>
              {t.presets[name]}
            </Button>
          ))}
        </div>
        <div className="muted small">{t.weatherHint}</div>
        <div
          style={{
            display: "grid",
            gap: 12,
            gridTemplateColumns: "repeat(auto-fill, minmax(140px, 1fr))",
          }}
        >
          {(Object.keys(CALM) as (keyof typeof CALM)[]).map((name) => (
            <div key={name}>
              <div className="muted small">{t.switches[name]}</div>
              <InputNumber
                aria-label={t.switches[name]}
                min={0}
                max={1}
                step={0.1}
                value={Number(days[name] ?? 0)}
                onChange={(value) => set({ [name]: value ?? 0 })}
                style={{ width: "100%" }}
              />
            </div>
          ))}
        </div>
      </div>
    </Card>
  );
}
