/** The generated client: every call of the console goes through here. */
import createFetchClient, { type Middleware } from "openapi-fetch";
import createClient from "openapi-react-query";
import type { paths } from "./schema.gen";

let csrfToken = "";

/** The token that every write carries; the session answers it. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

const csrf: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("X-CSRFToken", csrfToken);
    return request;
  },
  async onResponse({ response }) {
    if (response.ok || response.headers.get("content-type")?.includes("json")) return undefined;
    const problem = { title: response.statusText, status: response.status, code: "http.error" };
    return new Response(JSON.stringify(problem), {
      status: response.status,
      headers: { "content-type": "application/problem+json" },
    });
  },
};

export const client = createFetchClient<paths>({ baseUrl: "/", credentials: "same-origin" });
client.use(csrf);

export const $api = createClient(client);

type Ok<T> = T extends { responses: { 200: { content: { "application/json": infer Body } } } }
  ? Body
  : T extends { responses: { 201: { content: { "application/json": infer Made } } } }
    ? Made
    : never;

/** The answer of `GET path`. */
export type Got<P extends keyof paths> = Ok<paths[P]["get"]>;
/** The answer of `POST path`. */
export type Posted<P extends keyof paths> = Ok<paths[P]["post"]>;
/** One row of the page that `GET path` answers. */
export type Row<P extends keyof paths> = Got<P> extends { items: (infer Item)[] } ? Item : never;
