/** Values of comparisons. Pure. */
import type { Scalar, Value } from "./definition";

/** What is left of a value when the comparison changes: a list, a pair, a truth, or one value. */
export function valueFor(cmp: string, value: Value): Value {
  const list: Scalar[] = Array.isArray(value) ? value : value === null ? [] : [value];
  const told = list.filter((one) => typeof one !== "boolean");
  if (cmp === "exists") return true;
  if (cmp === "in" || cmp === "not_in") return told;
  if (cmp === "between") return told.length === 2 ? told : [];
  return list[0] ?? null;
}
