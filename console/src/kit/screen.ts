/** Whether the console is on a phone, and whether its reader wants nothing to move. */
import { useSyncExternalStore } from "react";

function watch(query: string): () => boolean {
  const list = matchMedia(query);
  const subscribe = (listener: () => void) => {
    list.addEventListener("change", listener);
    return () => list.removeEventListener("change", listener);
  };
  return () => useSyncExternalStore(subscribe, () => list.matches);
}

export const useIsPhone = watch("(max-width: 767px)");
export const useIsStill = watch("(prefers-reduced-motion: reduce)");
