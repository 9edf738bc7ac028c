/** Keys: `/` finds a customer, `g` then a letter goes to a page. */
import { useEffect } from "react";
import { useNavigate } from "react-router";
import { NAV } from "./nav";

const PAUSE_MS = 1200;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

export const SHORTCUTS: Record<string, string> = Object.fromEntries(
  NAV.flatMap((group) => group.items).flatMap((item) => (item.key ? [[item.key, item.path]] : [])),
);

export function useShortcuts(focusSearch: () => void): void {
  const navigate = useNavigate();
  useEffect(() => {
    let pressedG = 0;
    const listen = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.metaKey || event.ctrlKey || event.altKey) return;
      const path = SHORTCUTS[event.key];
      if (event.key === "/") {
        event.preventDefault();
        focusSearch();
      } else if (path && Date.now() - pressedG < PAUSE_MS) {
        pressedG = 0;
        navigate(path);
      } else if (event.key === "g") {
        pressedG = Date.now();
      }
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [navigate, focusSearch]);
}
