/** Form values as an operation's arguments: what was left empty is left out. Pure. */
export type Values = Record<string, unknown>;

interface Described {
  name: string;
  kind: string;
}

export function argumentsOf(described: Described[], values: Values): Values {
  const given: Values = {};
  for (const { name, kind } of described) {
    const value = values[name];
    if (value === undefined || value === null || value === "") continue;
    given[name] = kind === "json" ? parse(String(value)) : value;
  }
  return given;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
