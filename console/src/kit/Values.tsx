/** Small values with their looks: time, money, platform, stage. */
import { Tag, Tooltip } from "antd";
import { $api } from "../api/client";
import { usePreferences } from "../app/preferences";
import { serverNow } from "../app/server_clock";
import { paletteOf, visibleColor } from "../app/theme";
import { useMay } from "../core/session";
import { labelOf, useLanguage, useT } from "../locale";
import { formatMoney, formatRelative, formatTime } from "./format";

export function Time({ at }: { at: string | null | undefined }) {
  const language = useLanguage();
  if (!at) return <span className="muted">—</span>;
  return (
    <Tooltip title={`${formatTime(at)} (UTC+8)`}>
      <time dateTime={at} style={{ whiteSpace: "nowrap" }}>
        {formatRelative(at, serverNow(), language)}
      </time>
    </Tooltip>
  );
}

export function Money({ fen }: { fen: number }) {
  const language = useLanguage();
  return <span className="num">{formatMoney(fen, language)}</span>;
}

/** Name and colour of a platform by its code, from the manifests. */
export function usePlatformLook(): (code: string) => { label: string; color: string } {
  const language = useLanguage();
  const words = useT().kit.platforms;
  const { mode } = usePreferences();
  const catalog = $api.useQuery(
    "get",
    "/api/platforms",
    {},
    { staleTime: Number.POSITIVE_INFINITY },
  );
  return (code) => {
    const found = catalog.data?.items.find((item) => item.name === code);
    const label = found ? (language === "zh" ? found.zh : found.en) : labelOf(words, code);
    return { label, color: visibleColor(found?.color ?? paletteOf(mode).muted, mode) };
  };
}

export function Platform({ code }: { code: string }) {
  const look = usePlatformLook()(code);
  return (
    <span className="platform">
      <i style={{ background: look.color }} />
      {look.label}
    </span>
  );
}

/** The name of one of our accounts by its key, for those who may see accounts; else the key. */
export function useAccountLabel(): (key: string) => string {
  const may = useMay();
  const accounts = $api.useQuery("get", "/api/accounts", {}, { enabled: may("account:read") });
  return (key) => accounts.data?.items.find((item) => item.key === key)?.name || key;
}

export const STAGES = ["attract", "delight", "spread", "buy", "loyal"] as const;

export function stageIndex(code: string): number {
  return (STAGES as readonly string[]).indexOf(code);
}

export function Stage({ code }: { code: string }) {
  const t = useT();
  const { mode } = usePreferences();
  const index = stageIndex(code);
  if (!code) return <span className="muted">—</span>;
  const color = paletteOf(mode).stages[Math.max(index, 0)] ?? paletteOf(mode).muted;
  return (
    <span className="platform">
      <i style={{ background: color, borderRadius: 3 }} />
      {labelOf(t.kit.stages, code)}
    </span>
  );
}

export function TagList({ tags, limit }: { tags: { id: number; name: string }[]; limit?: number }) {
  const shown = limit === undefined ? tags : tags.slice(0, limit);
  const rest = tags.length - shown.length;
  return (
    <span className="row tight">
      {shown.map((tag) => (
        <Tag key={tag.id} style={{ margin: 0 }}>
          {tag.name}
        </Tag>
      ))}
      {rest > 0 ? <span className="muted small">+{rest}</span> : null}
    </span>
  );
}
