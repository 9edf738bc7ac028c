/** Sends a file piece by piece; the server keeps what it has, so a broken line costs one piece. */
import { client } from "../api/client";

export type Kind = "customers" | "identities" | "orders" | "events" | "tags";

/** The id of the import once all of the file is there; throws the server's problem. */
export async function uploadFile(
  kind: Kind,
  file: File,
  onProgress: (share: number) => void,
): Promise<number> {
  const { data, error } = await client.POST("/api/imports", {
    body: { kind, file_name: file.name, size: file.size },
  });
  if (error || !data) throw error;
  let sent = 0;
  while (sent < file.size) {
    const piece = file.slice(sent, sent + data.piece_bytes);
    const { data: kept, error: problem } = await client.PUT("/api/imports/{run_id}/content", {
      params: { path: { run_id: data.id }, query: { offset: sent } },
      headers: { "Content-Type": "application/octet-stream" },
      body: piece as never,
      bodySerializer: (body: unknown) => body as Blob,
    });
    if (!kept) throw problem;
    sent = kept.received;
    onProgress(sent / file.size);
  }
  return data.id;
}
