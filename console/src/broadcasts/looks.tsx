/** Small things the pages of broadcasts and moments share. */
import { Tag } from "antd";
import { $api, type Got } from "../api/client";
import { useMay } from "../core/session";
import { labelOf, useT } from "../locale";

export type Broadcast = Got<"/api/broadcasts/{broadcast_id}">;

const TONES: Record<string, string> = {
  draft: "default",
  submitted: "gold",
  approved: "blue",
  creating: "blue",
  sending: "processing",
  posting: "processing",
  paused: "warning",
  stopped: "error",
  cancelled: "error",
  failed: "error",
  done: "success",
};

export function BroadcastState({ code }: { code: string }) {
  const t = useT();
  return <StateTag code={code} words={t.broadcasts.states} />;
}

export function StateTag({ code, words }: { code: string; words: Record<string, string> }) {
  return (
    <Tag color={TONES[code] ?? "default"} style={{ margin: 0 }}>
      {labelOf(words, code)}
    </Tag>
  );
}

/** The name of a member of staff by id, as far as one may know it. */
export function useStaffName(): (id: string) => string {
  const may = useMay();
  const names = $api.useQuery(
    "get",
    "/api/staff-names",
    {},
    { enabled: may("guide:read"), staleTime: 60_000 },
  );
  const known = new Map((names.data?.items ?? []).map((one) => [one.staff, one.name]));
  return (id) => known.get(id) || id || "—";
}

export function useStaffOptions(): { value: string; label: string }[] {
  const may = useMay();
  const names = $api.useQuery(
    "get",
    "/api/staff-names",
    {},
    { enabled: may("guide:read"), staleTime: 60_000 },
  );
  return (names.data?.items ?? []).map((one) => ({
    value: one.staff,
    label: one.name ? `${one.name} (${one.staff})` : one.staff,
  }));
}

export function useSegmentOptions(): { value: number; label: string }[] {
  const segments = $api.useQuery("get", "/api/segments");
  return (segments.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
}

/** How many of a broadcast's audience are decided: sent, left out or failed. */
export function handledOf(counts: Broadcast["counts"]): number {
  const open = ["planned", "deferred", "reserved", "handed"];
  return Object.entries(counts.states)
    .filter(([state]) => !open.includes(state))
    .reduce((sum, [, count]) => sum + count, 0);
}
