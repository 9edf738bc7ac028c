import { describe, expect, it } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

/** Paths of all words, with the kind of each: text, or a sentence of so many blanks. */
function shapeOf(words: object, path = ""): string[] {
  return Object.entries(words).flatMap(([key, value]) => {
    const here = path ? `${path}.${key}` : key;
    if (typeof value === "object" && value !== null) return shapeOf(value, here);
    return [typeof value === "function" ? `${here}(${value.length})` : here];
  });
}

function textsOf(words: object): string[] {
  return Object.values(words).flatMap((value: unknown) => {
    if (typeof value === "string") return [value];
    return typeof value === "object" && value !== null ? textsOf(value) : [];
  });
}

describe("words", () => {
  it("exist in both languages, with the same blanks", () => {
    expect(shapeOf(en).sort()).toEqual(shapeOf(zh).sort());
  });

  it("are never empty", () => {
    expect([...textsOf(zh), ...textsOf(en)].filter((text) => text.trim() === "")).toEqual([]);
  });

  it("hold no Chinese in the English, but for the way back", () => {
    const chinese = textsOf(en).filter((text) => /[\u4e00-\u9fff]/.test(text));
    expect(chinese).toEqual([en.app.switchLanguage]);
  });
});
