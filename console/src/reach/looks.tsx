/** How states, channels and reasons look. */
import { Tag } from "antd";
import { $api } from "../api/client";
import { usePreferences } from "../app/preferences";
import { type Palette, paletteOf } from "../app/theme";
import { useMay } from "../core/session";
import { labelOf, useLanguage, useT } from "../locale";

export const STATES = [
  "delivered",
  "accepted",
  "handed",
  "reserved",
  "planned",
  "deferred",
  "suppressed",
  "expired",
  "failed",
  "unknown",
] as const;

const TONES: Record<string, string> = {
  delivered: "success",
  accepted: "processing",
  handed: "processing",
  reserved: "processing",
  planned: "default",
  deferred: "gold",
  suppressed: "default",
  expired: "warning",
  failed: "error",
  unknown: "magenta",
};

export function stateColor(state: string, palette: Palette): string {
  const colors: Record<string, string> = {
    delivered: palette.tea,
    accepted: palette.stages[0],
    handed: palette.series[3] ?? palette.tea,
    reserved: palette.series[3] ?? palette.tea,
    planned: palette.line,
    deferred: palette.amber,
    suppressed: palette.muted,
    expired: palette.series[6] ?? palette.muted,
    failed: palette.camellia,
    unknown: palette.series[4] ?? palette.muted,
  };
  return colors[state] ?? palette.muted;
}

export function TouchState({ code }: { code: string }) {
  const t = useT().reach;
  return (
    <Tag color={TONES[code] ?? "default"} style={{ margin: 0 }}>
      {labelOf(t.states, code)}
    </Tag>
  );
}

/** Channel names from the manifests. */
export function useChannelLabel(): (channel: string) => string {
  const language = useLanguage();
  const t = useT().reach;
  const platforms = $api.useQuery("get", "/api/platforms");
  const found = new Map(
    (platforms.data?.items ?? []).flatMap((platform) =>
      platform.channels.map((item) => [item.name, language === "zh" ? item.zh : item.en]),
    ),
  );
  return (channel) => t.channelWords[channel] ?? found.get(channel) ?? channel;
}

export function useReason(): (code: string) => string {
  const t = useT().reach;
  return (code) => labelOf(t.reasonWords, code.split(":")[0] ?? code);
}

export function usePalette(): Palette {
  return paletteOf(usePreferences().mode);
}

/** `journey:1` as the journey's name. */
export function useCampaignLabel(): (campaign: string) => string {
  const may = useMay();
  const t = useT().reach;
  const journeys = $api.useQuery("get", "/api/journeys", {}, { enabled: may("journey:read") });
  const broadcasts = $api.useQuery(
    "get",
    "/api/broadcasts",
    { params: { query: { limit: 100 } } },
    { enabled: may("broadcast:read"), staleTime: 60_000 },
  );
  return (campaign) => {
    const sent = Number(campaign.match(/^broadcast:(\d+)$/)?.[1]);
    const known = broadcasts.data?.items.find((item) => item.id === sent);
    if (known) return known.name;
    if (campaign.startsWith("group_invite:")) return t.invitation;
    const id = Number(campaign.match(/^journey:(\d+)$/)?.[1]);
    return (
      journeys.data?.items.find((item) => item.id === id)?.name ?? labelOf(t.campaigns, campaign)
    );
  };
}
