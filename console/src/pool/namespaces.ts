/** Names of identity namespaces, from the platforms' manifests. */
import { $api } from "../api/client";
import { labelOf, useLanguage, useT } from "../locale";

export function useNamespaceLabel(): (namespace: string) => string {
  const language = useLanguage();
  const words = useT().pool.namespaces;
  const platforms = $api.useQuery("get", "/api/platforms");
  const found = new Map(
    [
      ...(platforms.data?.namespaces ?? []),
      ...(platforms.data?.items ?? []).flatMap((platform) => platform.namespaces),
    ].map((item) => [item.name, language === "zh" ? item.zh : item.en]),
  );
  return (namespace) => found.get(namespace) ?? labelOf(words, namespace);
}
