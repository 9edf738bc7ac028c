/** Segments to start from, each with what it is good for. */
import { Card } from "antd";
import { $api, type Row } from "../api/client";
import { useLanguage, useT } from "../locale";
import { useConditionText } from "./words";

export type Template = Row<"/api/segments/templates">;

export function Templates({ onChoose }: { onChoose: (template: Template) => void }) {
  const t = useT().segments;
  const language = useLanguage();
  const textOf = useConditionText();
  const templates = $api.useQuery("get", "/api/segments/templates");
  if (!templates.data) return null;
  return (
    <Card title={t.templates}>
      <div className="muted" style={{ marginBottom: 12 }}>
        {t.emptyTeach}
      </div>
      <div className="grid cards" data-testid="templates">
        {templates.data.items.map((template) => (
          <button
            type="button"
            className="record"
            key={template.key}
            onClick={() => onChoose(template)}
          >
            <div className="strong">{language === "zh" ? template.zh : template.en}</div>
            <div style={{ margin: "4px 0" }}>
              {language === "zh" ? template.why_zh : template.why_en}
            </div>
            <div className="muted small">{textOf(template.definition)}</div>
          </button>
        ))}
      </div>
    </Card>
  );
}
