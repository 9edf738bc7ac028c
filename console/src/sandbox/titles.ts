/** What a sandbox's own names are called in the console. Pure. */
interface Named {
  /** The title; the raw name while there is none. */
  title: string;
  /** The raw name, to be shown beside the title; "" where it is the title. */
  raw: string;
}

export function named(titles: Record<string, string>, raw: string): Named {
  const title = Object.hasOwn(titles, raw) ? titles[raw] : undefined;
  return title ? { title, raw } : { title: raw, raw: "" };
}

/** What an operation does, in words of the console; the sandbox's own where it has none. */
export function helpOf(
  helps: Record<string, string>,
  platform: string,
  operation: { name: string; about: string },
): string {
  const known = [`${platform}/${operation.name}`, operation.name];
  const found = known.find((name) => Object.hasOwn(helps, name));
  return (found && helps[found]) || operation.about;
}
