/** The flywheel drawn as a wheel: five buckets, filled by how many reached them. */
import { useNavigate } from "react-router";
import type { Got } from "../api/client";
import { usePreferences } from "../app/preferences";
import { paletteOf } from "../app/theme";
import { formatCompact, formatPercent } from "../kit/format";
import { labelOf, useLanguage, useT } from "../locale";
import { bucketPath, fillRadius, INNER, OUTER, pointAt } from "./wheel";

type Step = Got<"/api/overview">["flywheel"][number];

const SPAN = 72;

interface FlywheelProps {
  steps: Step[];
  customers: number;
}

export function Flywheel({ steps, customers }: FlywheelProps) {
  const t = useT();
  const language = useLanguage();
  const most = Math.max(1, ...steps.map((step) => step.reached));
  return (
    <svg
      viewBox="-262 -232 524 464"
      width="100%"
      style={{ maxHeight: 430, display: "block" }}
      role="img"
      aria-label={t.insight.overview.flywheel}
    >
      <title>{t.insight.overview.flywheel}</title>
      <circle r={INNER - 12} fill="var(--soft)" />
      <text textAnchor="middle" y={2} fontSize={32} fontWeight={600} fill="var(--text)">
        {formatCompact(customers, language)}
      </text>
      <text textAnchor="middle" y={26} fontSize={14} fill="var(--muted)">
        {t.insight.overview.kpis.customers}
      </text>
      {steps.map((step, index) => (
        <Bucket key={step.stage} step={step} index={index} fill={fillRadius(step.reached / most)} />
      ))}
      {steps.slice(1).map((step, index) => (
        <Conversion key={step.stage} step={step} angle={-90 + (index + 0.5) * SPAN + 4} />
      ))}
    </svg>
  );
}

function Bucket({ step, index, fill }: { step: Step; index: number; fill: number }) {
  const { mode } = usePreferences();
  const t = useT();
  const language = useLanguage();
  const navigate = useNavigate();
  const color = paletteOf(mode).stages[index] ?? paletteOf(mode).tea;
  const middle = -90 + index * SPAN;
  const shape = bucketPath(middle - SPAN / 2, middle + SPAN / 2);
  const [x, y] = pointAt(OUTER + 20, middle);
  const anchor = Math.abs(x) < 30 ? "middle" : x > 0 ? "start" : "end";
  const lift = index === 0 ? -18 : y > 100 ? 12 : 0;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a link inside SVG is a group with a role
    <g
      className="petal-hover"
      role="link"
      tabIndex={0}
      onClick={() => navigate(`/customers?stage=${step.stage}`)}
      onKeyDown={(event) => event.key === "Enter" && navigate(`/customers?stage=${step.stage}`)}
    >
      <clipPath id={`bucket-${step.stage}`}>
        <path d={shape} />
      </clipPath>
      <path d={shape} fill={color} opacity={0.2} />
      <circle r={fill} fill={color} clipPath={`url(#bucket-${step.stage})`} />
      <g transform={`translate(${x} ${y + lift})`} textAnchor={anchor}>
        <text fontSize={15} fill="var(--muted)">
          {labelOf(t.kit.stages, step.stage)}
        </text>
        <text y={22} fontSize={20} fontWeight={600} fill="var(--text)">
          {formatCompact(step.reached, language)}
        </text>
      </g>
    </g>
  );
}

function Conversion({ step, angle }: { step: Step; angle: number }) {
  if (step.conversion === null || step.conversion === undefined) return null;
  const [x, y] = pointAt((INNER + OUTER) / 2, angle);
  return (
    <g transform={`translate(${x} ${y})`}>
      <rect
        x={-25}
        y={-13}
        width={50}
        height={26}
        rx={13}
        fill="var(--panel)"
        stroke="var(--line)"
      />
      <text textAnchor="middle" y={5} fontSize={13} fontWeight={600} fill="var(--text)">
        {formatPercent(step.conversion)}
      </text>
    </g>
  );
}
