/** How often a page asks again. */
import { isGone } from "../api/problem";

/** A `refetchInterval`: every `ms` until the record turns out to be gone. */
export function whileFound(ms: number): (query: { state: { error: unknown } }) => number | false {
  return ({ state }) => (isGone(state.error) ? false : ms);
}
