/** Sending a list: what goes into the form, and what the first lines tell. */
import { useQuery } from "@tanstack/react-query";
import { client, type Posted } from "../api/client";

export type Inspection = Posted<"/api/segments/lists/inspect">;
export type Made = Posted<"/api/segments/lists">;
export type Upload = Made["upload"];

/** A chosen file, or pasted text. */
export interface Source {
  file: File | null;
  text: string;
}

export interface Choice {
  kind: string;
  column: number;
}

export function isTold(source: Source): boolean {
  return source.file !== null || source.text.trim() !== "";
}

/** The form of a request; the file goes as it is, so that it is streamed. */
export function formOf(source: Source, rest: Record<string, string | number> = {}): FormData {
  const form = new FormData();
  if (source.file) form.append("file", source.file);
  else form.append("text", source.text);
  for (const [name, value] of Object.entries(rest)) form.append(name, String(value));
  return form;
}

/** Posts a form; the typed client takes the body as it is. */
export const asForm = { bodySerializer: (body: unknown) => body as FormData };

/** What the columns hold, asked anew for every file and text. */
export function useInspection(source: Source) {
  const { file, text } = source;
  const named = file ? `${file.name}:${file.size}:${file.lastModified}` : text;
  return useQuery({
    queryKey: ["post", "/api/segments/lists/inspect", named],
    enabled: isTold(source),
    retry: false,
    staleTime: 60_000,
    queryFn: async () => {
      const { data, error } = await client.POST("/api/segments/lists/inspect", {
        body: formOf(source) as never,
        ...asForm,
      });
      if (!data) throw error;
      return data;
    },
  });
}
