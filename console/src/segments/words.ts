/** Definitions as sentences in the console's language. */
import { $api } from "../api/client";
import { labelOf, useLanguage, useT } from "../locale";
import { definitionOf } from "./definition";
import type { Catalogue } from "./leaves";
import { sentenceOf, type Teller } from "./sentence";
import { fromWire } from "./wire";

/** The builder's catalogue as last answered; empty until then. */
export function useCatalogue(): Catalogue {
  const fields = $api.useQuery("get", "/api/segments/fields", {}, { staleTime: 60_000 });
  return fields.data?.groups ?? [];
}

export function useTeller(): Teller {
  const t = useT();
  const language = useLanguage();
  const catalogue = useCatalogue();
  const { say, codes } = t.segments;
  const channels: Record<string, string> = { ...t.reach.channelWords, "*": codes.anyChannel };
  const known: Record<string, Record<string, string>> = {
    purpose: t.reach.purposes,
    consent: codes.consents,
    state: t.reach.states,
    origin: codes.origins,
    channel: channels,
  };
  return {
    say,
    cmps: t.kit.cmps,
    catalogue,
    language,
    words: (kind, code) => labelOf(known[kind] ?? {}, code),
  };
}

/** The sentence of a stored definition. */
export function useConditionText(): (stored: unknown) => string {
  const teller = useTeller();
  return (stored) => sentenceOf(fromWire(definitionOf(stored)).root, teller);
}
