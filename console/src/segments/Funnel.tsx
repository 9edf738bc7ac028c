/** The conditions of the outermost group one after another, and how many are left after each. */
import { formatInt } from "../kit/format";
import { useLanguage, useT } from "../locale";
import { type Definition, isGroup, pathKey } from "./definition";
import type { LivePreview } from "./preview";
import { sentenceOf } from "./sentence";
import { useTeller } from "./words";

export function Funnel({ definition, preview }: { definition: Definition; preview: LivePreview }) {
  const t = useT().segments;
  const language = useLanguage();
  const teller = useTeller();
  const { root } = definition;
  const total = preview.data?.total ?? 0;
  if (!isGroup(root) || root.op === "not" || total === 0) return null;
  const bars = root.children.flatMap((child, index) => {
    const told = preview.counts.get(pathKey([index]));
    return told ? [{ text: sentenceOf(child, teller), ...told }] : [];
  });
  if (bars.length < 2) return null;
  return (
    <div data-testid="funnel">
      <div className="muted small" style={{ marginBottom: 8 }}>
        {t.funnel}
      </div>
      <div className="stack" style={{ gap: 10 }}>
        {bars.map(({ text, count, passed }) => {
          const left = passed ?? count;
          return (
            <div key={text}>
              <div className="spread small">
                <span className="clip" title={text}>
                  {text}
                </span>
                <span className="num" style={{ whiteSpace: "nowrap" }}>
                  {formatInt(left, language)}
                </span>
              </div>
              <div className="funnel-bar">
                <i style={{ width: `${(left / total) * 100}%` }} />
              </div>
              {passed === null ? null : (
                <div className="muted small num">{t.funnelAlone(formatInt(count, language))}</div>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
