/** Calls of the sidebar, typed by the same OpenAPI as the console's. */
import type { paths } from "../src/api/schema.gen";

type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : never;
type Got<P extends keyof paths> = paths[P] extends { get: { responses: { 200: infer Ok } } }
  ? Json<Ok>
  : never;

export type Me = Got<"/api/sidebar/me">;
export type Setup = Got<"/api/sidebar/setup">;
export type Face = Got<"/api/sidebar/customers/{remote_id}">;
export type Scripts = Got<"/api/sidebar/scripts">;
export type ChatFile = Got<"/api/sidebar/materials">["items"][number];
export type Script = Scripts["items"][number];

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    title: string,
  ) {
    super(title);
  }
}

let csrf = "";

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`/api/sidebar${path}`, {
    method,
    credentials: "same-origin",
    headers: {
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(method === "GET" ? {} : { "X-CSRFToken": csrf }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (answer.status === 204) return undefined as T;
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, said.code ?? "", said.title ?? "");
  return said as T;
}

export async function getMe(): Promise<Me> {
  const me = await ask<Me>("GET", "/me");
  csrf = me.csrf_token;
  return me;
}

const at = (customer: string) => `/customers/${encodeURIComponent(customer)}`;

export const getSetup = (url: string) => ask<Setup>("GET", `/setup?url=${encodeURIComponent(url)}`);
export const getFace = (customer: string) => ask<Face>("GET", at(customer));
export const getScripts = (q: string, group?: number) =>
  ask<Scripts>(
    "GET",
    `/scripts?q=${encodeURIComponent(q)}${group === undefined ? "" : `&group_id=${group}`}`,
  );
export const getFiles = (q: string) =>
  ask<Got<"/api/sidebar/materials">>("GET", `/materials?q=${encodeURIComponent(q)}`);
export const getMedia = (id: number) =>
  ask<{ media_id: string }>("POST", `/materials/${id}/media`, {});
export const noteFile = (customer: string, id: number) =>
  ask<void>("POST", `${at(customer)}/materials/${id}/sent`, {});
export const addTag = (customer: string, id: number) =>
  ask<void>("POST", `${at(customer)}/tags`, { tag_ids: [id] });
export const writeRemark = (customer: string, remark: string, description: string) =>
  ask<void>("PUT", `${at(customer)}/remark`, { remark, description });
export const noteSent = (customer: string, script: number) =>
  ask<{ sent: number }>("POST", `${at(customer)}/scripts/${script}/sent`, {});
