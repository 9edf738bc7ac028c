/** Choosing a condition: all of them by kind, and a search that narrows them. */
import { Button, Drawer, Input } from "antd";
import { useState } from "react";
import { useIsPhone } from "../kit/screen";
import { useLanguage, useT } from "../locale";
import { type Catalogue, type Field, fieldKey, nameOfField } from "./leaves";

interface PickerProps {
  catalogue: Catalogue;
  isOpen: boolean;
  onClose: () => void;
  onPick: (field: Field) => void;
}

export function Picker({ catalogue, isOpen, onClose, onPick }: PickerProps) {
  const t = useT().segments;
  const isPhone = useIsPhone();
  return (
    <Drawer
      title={t.pick}
      open={isOpen}
      onClose={onClose}
      size={isPhone ? "100%" : 480}
      destroyOnHidden
    >
      <Choices
        catalogue={catalogue}
        onPick={(field) => {
          onClose();
          onPick(field);
        }}
      />
    </Drawer>
  );
}

function Choices({ catalogue, onPick }: Pick<PickerProps, "catalogue" | "onPick">) {
  const t = useT().segments;
  const language = useLanguage();
  const [typed, setTyped] = useState("");
  const groups = matching(catalogue, typed);
  const first = groups[0]?.fields[0];
  return (
    <div className="stack">
      <Input
        autoFocus
        allowClear
        placeholder={t.pickSearch}
        aria-label={t.pickSearch}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onPressEnter={() => first && onPick(first)}
      />
      {groups.length === 0 ? <div className="muted">{t.pickNone}</div> : null}
      {groups.map((group) => (
        <div key={group.key}>
          <div className="muted small" style={{ marginBottom: 6 }}>
            {language === "zh" ? group.zh : group.en}
          </div>
          <div className="row">
            {group.fields.map((field) => (
              <Button
                key={fieldKey(field)}
                data-field={fieldKey(field)}
                onClick={() => onPick(field)}
              >
                {nameOfField(field, language)}
              </Button>
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

/** Groups with the fields whose names, or whose group's, hold the typed text. */
function matching(catalogue: Catalogue, typed: string): Catalogue {
  const wanted = typed.trim().toLowerCase();
  const holds = (...texts: string[]) => texts.some((text) => text.toLowerCase().includes(wanted));
  return catalogue.flatMap((group) => {
    if (holds(group.zh, group.en)) return [group];
    const fields = group.fields.filter((field) => holds(field.zh, field.en, field.field));
    return fields.length > 0 ? [{ ...group, fields }] : [];
  });
}
