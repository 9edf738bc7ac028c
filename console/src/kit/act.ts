/** What every write does after: say so, refresh what changed, or say why not. */
import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { problemOf } from "../api/problem";
import { useT } from "../locale";

/** Asks the list at exactly `path` again; the records under it are left alone. */
export function useListAgain(): (path: string) => void {
  const queries = useQueryClient();
  return (path) => {
    queries.invalidateQueries({ queryKey: ["get", path] });
  };
}

/** Handlers for a mutation: `done` is said on success, queries under `paths` are asked again. */
export function useAct(): (
  paths: string[],
  done?: string,
  then?: () => void,
) => {
  onSuccess: () => void;
  onError: (error: unknown) => void;
} {
  const t = useT().kit;
  const queries = useQueryClient();
  const { message } = App.useApp();
  return (paths, done, then) => ({
    onSuccess: () => {
      message.success(done ?? t.saved);
      queries.invalidateQueries({
        predicate: ({ queryKey }) => paths.some((path) => String(queryKey[1]).startsWith(path)),
      });
      then?.();
    },
    onError: (error) => {
      const problem = problemOf(error);
      message.error(t.failed(problem.code === "network" ? t.errors.network : problem.title));
    },
  });
}
