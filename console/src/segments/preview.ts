/** The live count: asked again shortly after the last change. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { client, type Posted } from "../api/client";
import { type Definition, isComplete, isGroup, type Node, prune } from "./definition";

export type Preview = Posted<"/api/segments/preview">;

const PAUSE_MS = 350;

export interface LivePreview {
  data: Preview | undefined;
  error: unknown;
  isCounting: boolean;
  isWhole: boolean;
  counts: Map<string, number>;
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
  const pruned = useMemo(() => prune(definition.root), [definition]);
  const text = useSettled(JSON.stringify(pruned));
  const query = useQuery({
    queryKey: ["post", "/api/segments/preview", text],
    enabled: text !== "null",
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const body = { definition: { version: 1, root: JSON.parse(text) as unknown } };
      const { data, error } = await client.POST("/api/segments/preview", { body, signal });
      if (!data) throw error;
      return data;
    },
  });
  const isWhole = isComplete(definition.root);
  const counts = useMemo(
    () => (isWhole ? countsOf(query.data, definition.root) : new Map<string, number>()),
    [query.data, definition, isWhole],
  );
  return {
    data: text === "null" ? undefined : query.data,
    error: query.error,
    isCounting: query.isFetching,
    isWhole,
    counts,
  };
}

/** Counts by the builder's path. The server names paths from its own root; digits are compared. */
export function countsOf(preview: Preview | undefined, root: Node): Map<string, number> {
  const found = new Map(
    (preview?.conditions ?? []).map((item) => [
      item.path.match(/\d+/g)?.join(".") ?? "",
      item.count,
    ]),
  );
  const counts = new Map<string, number>();
  const walk = (node: Node, key: string) => {
    const count = found.get(key);
    if (count !== undefined) counts.set(key, count);
    if (isGroup(node)) {
      for (const [index, child] of node.children.entries())
        walk(child, key ? `${key}.${index}` : `${index}`);
    }
  };
  walk(root, "");
  return counts;
}
