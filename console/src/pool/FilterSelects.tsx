/** The four selects above the customer list. */

import { Select } from "antd";
import type { CSSProperties } from "react";
import { $api } from "../api/client";
import { useMay } from "../core/session";
import { groupBy } from "../kit/group";
import { STAGES, usePlatformLook } from "../kit/Values";
import { labelOf, useLanguage, useT } from "../locale";
import type { CustomerFilters } from "./filters";

interface FilterSelectsProps {
  filters: CustomerFilters;
  onChange: (filters: CustomerFilters) => void;
}

export function FilterSelects({ filters, onChange }: FilterSelectsProps) {
  const t = useT();
  const words = t.pool.list;
  const platforms = usePlatformOptions();
  return (
    <>
      <Select
        allowClear
        placeholder={words.platform}
        aria-label={words.platform}
        value={filters.platform ?? null}
        options={platforms}
        onChange={(value) => onChange({ ...filters, platform: value ?? undefined })}
      />
      <Select
        allowClear
        placeholder={words.stage}
        aria-label={words.stage}
        value={filters.stage ?? null}
        options={STAGES.map((code) => ({ value: code, label: labelOf(t.kit.stages, code) }))}
        onChange={(value) => onChange({ ...filters, stage: value ?? undefined })}
      />
      <BelongingSelects filters={filters} onChange={(some) => onChange({ ...filters, ...some })} />
    </>
  );
}

interface Belonging {
  tag_id?: number | undefined;
  segment_id?: number | undefined;
}

interface BelongingSelectsProps {
  filters: Belonging;
  onChange: (some: Belonging) => void;
  style?: CSSProperties;
}

/** By tag and by segment; tells what was changed. */
export function BelongingSelects({ filters, onChange, style }: BelongingSelectsProps) {
  const words = useT().pool.list;
  const tags = useTagOptions();
  const may = useMay();
  const segments = $api.useQuery("get", "/api/segments", {}, { enabled: may("segment:read") });
  const common = { allowClear: true, showSearch: { optionFilterProp: "label" }, style };
  return (
    <>
      <Select
        {...common}
        placeholder={words.tag}
        aria-label={words.tag}
        value={filters.tag_id ?? null}
        options={tags}
        onChange={(value) => onChange({ tag_id: value ?? undefined })}
      />
      <Select
        {...common}
        placeholder={words.segment}
        aria-label={words.segment}
        value={filters.segment_id ?? null}
        options={(segments.data?.items ?? []).map((item) => ({ value: item.id, label: item.name }))}
        onChange={(value) => onChange({ segment_id: value ?? undefined })}
      />
    </>
  );
}

/** Platforms that have connectors, and those that only send events. */
export function usePlatformOptions(): { value: string; label: string }[] {
  const language = useLanguage();
  const look = usePlatformLook();
  const catalog = $api.useQuery("get", "/api/platforms");
  const own = (catalog.data?.items ?? []).map((item) => ({
    value: item.name,
    label: language === "zh" ? item.zh : item.en,
  }));
  const others = ["web", "shop", "import"].filter(
    (code) => !own.some((item) => item.value === code),
  );
  return [...own, ...others.map((code) => ({ value: code, label: look(code).label }))];
}

/** Tags in their groups, for a select. */
export function useTagOptions(): { label: string; options: { value: number; label: string }[] }[] {
  const tags = $api.useQuery("get", "/api/tags");
  const groups = groupBy(tags.data?.items ?? [], (tag) => tag.group);
  return [...groups].map(([group, items]) => ({
    label: group,
    options: items.map((tag) => ({ value: tag.id, label: tag.name })),
  }));
}
