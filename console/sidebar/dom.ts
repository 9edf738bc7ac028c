/** Elements without a framework: texts are texts, never markup. */
type Child = Node | string | null | undefined | false;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  values: Partial<HTMLElementTagNameMap[K]> & { class?: string } = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const { class: name, ...rest } = values;
  const made = Object.assign(document.createElement(tag), rest);
  if (name) made.className = name;
  made.append(...children.filter((one): one is Node | string => Boolean(one)));
  return made;
}

/** A short word at the foot of the page. */
export function say(text: string, isBad = false): void {
  document.querySelector(".toast")?.remove();
  const toast = h("div", { class: isBad ? "toast bad" : "toast", role: "status" }, text);
  document.body.append(toast);
  setTimeout(() => toast.remove(), 2600);
}

export const day = (iso: string): string =>
  new Date(iso).toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });

export const yuan = (fen: number): string => `¥${(fen / 100).toFixed(2)}`;
