/** Saving a segment, and what happens when somebody else saved it meanwhile. */
import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { client, type Got } from "../api/client";
import { problemOf } from "../api/problem";
import { useT } from "../locale";

/** `version` goes up by one at every save. */
export type Segment = Got<"/api/segments/{segment_id}"> & { version?: number };

export interface Draft {
  name: string;
  definition: Record<string, unknown>;
}

export interface Saving {
  save: (draft: Draft, version: number | null) => Promise<void>;
  isSaving: boolean;
  /** What is saved now, when it is not what was opened. */
  theirs: Segment | null;
  forget: () => void;
}

/** `onSaved` hears of the segment as it is after a save of one that exists. */
export function useSaving(id: number | null, onSaved: (segment: Segment) => void): Saving {
  const t = useT();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const [isSaving, setSaving] = useState(false);
  const [theirs, setTheirs] = useState<Segment | null>(null);
  const refresh = () =>
    queries.invalidateQueries({
      predicate: ({ queryKey }) => /^\/api\/(segments|setup)/.test(String(queryKey[1])),
    });
  const create = async (draft: Draft) => {
    const { data, error } = await client.POST("/api/segments", { body: draft });
    if (!data) throw error;
    message.success(t.segments.saved);
    await refresh();
    navigate(`/segments/${data.id}`, { replace: true });
  };
  const update = async (segment: number, draft: Draft, version: number | null) => {
    const params = { path: { segment_id: segment } };
    const body: Draft & { version?: number } = version === null ? draft : { ...draft, version };
    const { data, error } = await client.PUT("/api/segments/{segment_id}", { params, body });
    if (data) {
      message.success(t.segments.saved);
      onSaved(data);
      await refresh();
    } else if (problemOf(error).code === "segment.version") {
      const now = await client.GET("/api/segments/{segment_id}", { params });
      if (now.data) setTheirs(now.data);
    } else throw error;
  };
  const save = async (draft: Draft, version: number | null) => {
    setSaving(true);
    try {
      await (id === null ? create(draft) : update(id, draft, version));
    } catch (error) {
      message.error(t.kit.failed(problemOf(error).title));
    } finally {
      setSaving(false);
    }
  };
  return { save, isSaving, theirs, forget: () => setTheirs(null) };
}
