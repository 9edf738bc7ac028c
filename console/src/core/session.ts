/** Who is signed in. `null` when nobody is. */
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { client, type Got, setCsrfToken } from "../api/client";
import { setServerNow } from "../app/server_clock";

export type Session = Got<"/api/session">;

export const SESSION_KEY = ["session"];

function remember(session: Session): Session {
  setServerNow(session.now);
  setCsrfToken(session.csrf_token);
  return session;
}

async function readSession(): Promise<Session | null> {
  const { data, error, response } = await client.GET("/api/session");
  if (response.status === 401) return null;
  if (!data) throw error;
  return remember(data);
}

export function useSession() {
  return useQuery({ queryKey: SESSION_KEY, queryFn: readSession, refetchInterval: 60_000 });
}

/** Whether the signed-in person may do something, such as `customer:write`. */
export function useMay(): (permission: string) => boolean {
  const session = useSession();
  return (permission) => session.data?.user.permissions.includes(permission) ?? false;
}

/** Another person: nothing of the one before stays in the cache. */
function become(queries: QueryClient, session: Session | null): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
  queries.setQueryData(SESSION_KEY, session);
}

export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: { username: string; password: string }) => {
      const { data, error } = await client.POST("/api/session", { body });
      if (!data) throw error;
      return remember(data);
    },
    onSuccess: (session) => become(queries, session),
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => client.DELETE("/api/session"),
    onSettled: () => become(queries, null),
  });
}
