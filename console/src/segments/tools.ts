/** What the builder's parts share: the catalogue, the counts, and how to edit. */
import { createContext, type Dispatch, useContext } from "react";
import type { Action, Path } from "./definition";
import type { Catalogue } from "./leaves";
import type { NodeCount } from "./preview";

export interface Tools {
  catalogue: Catalogue;
  counts: Map<string, NodeCount>;
  dispatch: Dispatch<Action>;
  /** The node that asked for the focus, by key; a new object at every request. */
  focus: { key: string } | null;
  setFocus: (key: string) => void;
  dragged: Path | null;
  setDragged: (path: Path | null) => void;
}

export const ToolsContext = createContext<Tools>({
  catalogue: [],
  counts: new Map(),
  dispatch: () => {},
  focus: null,
  setFocus: () => {},
  dragged: null,
  setDragged: () => {},
});

export function useTools(): Tools {
  return useContext(ToolsContext);
}
