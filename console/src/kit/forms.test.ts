import { expect, test } from "vitest";

const sources = import.meta.glob<string>("../**/*.tsx", {
  query: "?raw",
  import: "default",
  eager: true,
});
const FORM = /<Form(?:<[^>]*>)?\s(?:=>|[^<>])*>/g;

/** Without it the form keeps what it last showed: after "new", "edit" opens with empty fields. */
test("a form that opens with values forgets those it showed before", () => {
  const forms = Object.entries(sources).flatMap(([path, text]) =>
    (text.match(FORM) ?? []).map((tag) => ({ path, tag })),
  );
  const reopened = forms.filter(
    ({ tag }) => tag.includes("preserve={false}") && tag.includes("initialValues"),
  );
  expect(reopened.length).toBeGreaterThan(15);
  const forgetful = reopened.filter(({ tag }) => !tag.includes("clearOnDestroy"));
  expect(forgetful.map(({ path }) => path)).toEqual([]);
});
