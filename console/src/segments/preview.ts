/** The live count: asked again shortly after the last change. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { client, type Posted } from "../api/client";
import { isComplete } from "./complete";
import type { Definition } from "./definition";
import { toWire } from "./wire";

export type Preview = Posted<"/api/segments/preview">;

const PAUSE_MS = 350;

/** count: customers who fulfil a node by itself. passed: those left in the funnel after it. */
export interface NodeCount {
  count: number;
  passed: number | null;
}

export interface LivePreview {
  data: Preview | undefined;
  error: unknown;
  isCounting: boolean;
  isWhole: boolean;
  counts: Map<string, NodeCount>;
}

function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

export function usePreview(definition: Definition): LivePreview {
  const wire = useMemo(() => toWire(definition.root), [definition]);
  const now = JSON.stringify(wire.definition);
  const text = useSettled(now);
  const query = useQuery({
    queryKey: ["post", "/api/segments/preview", text],
    enabled: text !== "null",
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: async ({ signal }) => {
      const body = { definition: JSON.parse(text) as Record<string, unknown> };
      const { data, error } = await client.POST("/api/segments/preview", { body, signal });
      if (!data) throw error;
      return data;
    },
  });
  const isCurrent = text === now && !query.isPlaceholderData;
  const counts = useMemo(
    () => (isCurrent ? countsOf(query.data, wire.keys) : new Map<string, NodeCount>()),
    [query.data, wire, isCurrent],
  );
  return {
    data: text === "null" ? undefined : query.data,
    error: query.error,
    isCounting: query.isFetching || text !== now,
    isWhole: isComplete(definition.root),
    counts,
  };
}

/** Counts by the builder's path. `keys`: the server's path in digits → the builder's. */
export function countsOf(
  preview: Pick<Preview, "conditions"> | undefined,
  keys: Map<string, string>,
): Map<string, NodeCount> {
  const counts = new Map<string, NodeCount>();
  for (const told of preview?.conditions ?? []) {
    const key = keys.get(told.path.match(/\d+/g)?.join(".") ?? "");
    const passed = (told as { passed?: number | null }).passed ?? null;
    if (key !== undefined) counts.set(key, { count: told.count, passed });
  }
  return counts;
}
