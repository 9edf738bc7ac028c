/** Consent, where a tag came from, and which touches count. */
import { AutoComplete, Select } from "antd";
import { $api } from "../api/client";
import { useLanguage, useT } from "../locale";
import { type ControlsProps, codeOptions } from "./Controls";

const PURPOSES = ["marketing", "service"] as const;
const CONSENTS = ["granted", "withdrawn", "unknown"] as const;
const ORIGINS = ["manual", "rule", "journey", "platform", "code", "import"] as const;
const STATES = [
  "planned",
  "deferred",
  "accepted",
  "delivered",
  "failed",
  "suppressed",
  "expired",
  "unknown",
] as const;

/** The channels of all platforms, from their manifests. */
function useChannels(): { value: string; label: string }[] {
  const language = useLanguage();
  const platforms = $api.useQuery(
    "get",
    "/api/platforms",
    {},
    { staleTime: Number.POSITIVE_INFINITY },
  );
  return (platforms.data?.items ?? []).flatMap((platform) =>
    platform.channels.map((channel) => ({
      value: channel.name,
      label: `${language === "zh" ? platform.zh : platform.en} · ${language === "zh" ? channel.zh : channel.en}`,
    })),
  );
}

export function ConsentControls({ leaf, change }: ControlsProps) {
  const t = useT();
  const words = t.segments;
  const channels = useChannels();
  return (
    <>
      <Select
        size="small"
        style={{ minWidth: 84 }}
        aria-label={words.purpose}
        value={leaf.purpose ?? "marketing"}
        options={codeOptions(t.reach.purposes, PURPOSES)}
        onChange={(purpose: string) => change({ purpose })}
      />
      <Select
        size="small"
        style={{ minWidth: 92 }}
        aria-label={words.state}
        value={leaf.state ?? "granted"}
        options={codeOptions(words.codes.consents, CONSENTS)}
        onChange={(state: string) => change({ state })}
      />
      <Select
        size="small"
        style={{ minWidth: 130 }}
        aria-label={words.channel}
        value={leaf.channel ?? "*"}
        options={[{ value: "*", label: words.codes.anyChannel }, ...channels]}
        onChange={(channel: string) => change({ channel })}
      />
    </>
  );
}

export function OriginSelect({ leaf, change }: ControlsProps) {
  const words = useT().segments;
  return (
    <Select
      size="small"
      style={{ minWidth: 104 }}
      aria-label={words.origin}
      value={leaf.origin ?? ""}
      options={[
        { value: "", label: words.anyOrigin },
        ...codeOptions(words.codes.origins, ORIGINS),
      ]}
      onChange={(origin: string) => change({ origin: origin || undefined } as { origin?: string })}
    />
  );
}

export function TouchFilters({ leaf, change }: ControlsProps) {
  const t = useT();
  const words = t.segments;
  const channels = useChannels();
  return (
    <>
      <Select
        size="small"
        mode="multiple"
        allowClear
        style={{ minWidth: 120, maxWidth: 260 }}
        aria-label={words.state}
        placeholder={words.anyState}
        value={leaf.states ?? []}
        options={codeOptions(t.reach.states, STATES)}
        onChange={(states: string[]) => change({ states })}
      />
      <Select
        size="small"
        style={{ minWidth: 120 }}
        aria-label={words.channel}
        value={leaf.channel ?? ""}
        options={[{ value: "", label: words.codes.anyChannel }, ...channels]}
        onChange={(channel: string) => change({ channel })}
      />
      <Select
        size="small"
        style={{ minWidth: 92 }}
        aria-label={words.purpose}
        value={leaf.purpose ?? ""}
        options={[
          { value: "", label: words.anyPurpose },
          ...codeOptions(t.reach.purposes, PURPOSES),
        ]}
        onChange={(purpose: string) => change({ purpose })}
      />
      <Campaign leaf={leaf} field={undefined} change={change} />
    </>
  );
}

function Campaign({ leaf, change }: ControlsProps) {
  const words = useT().segments;
  const journeys = $api.useQuery("get", "/api/journeys", {}, { retry: false });
  const options = (journeys.data?.items ?? []).map((journey) => ({
    value: `journey:${journey.id}`,
    label: `journey:${journey.id} ${journey.name}`,
  }));
  return (
    <AutoComplete
      size="small"
      style={{ width: 170 }}
      aria-label={words.campaign}
      placeholder={words.campaign}
      value={leaf.campaign ?? ""}
      options={options}
      onChange={(campaign: string) => change({ campaign })}
    />
  );
}
