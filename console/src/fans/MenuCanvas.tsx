/** A phone that shows a menu, and a form for the button one touches. */
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Card, Input, Select } from "antd";
import { useState } from "react";
import { useT } from "../locale";
import {
  BELOW,
  buttonAt,
  type MenuButton,
  type Place,
  TOP,
  withButton,
  withNew,
  withoutButton,
} from "./menu";

interface MenuCanvasProps {
  menu: MenuButton[];
  onChange: (menu: MenuButton[]) => void;
}

export function MenuCanvas({ menu, onChange }: MenuCanvasProps) {
  const words = useT().fans.menu;
  const [place, setPlace] = useState<Place>([0, null]);
  const button = buttonAt(menu, place);
  return (
    <div className="row" style={{ alignItems: "flex-start", gap: 20 }}>
      <Phone menu={menu} place={place} onPick={setPlace} onChange={onChange} />
      <Card style={{ flex: 1, minWidth: 280 }}>
        {button ? (
          <ButtonForm
            button={button}
            isTop={place[1] === null}
            onChange={(changed) => onChange(withButton(menu, place, changed))}
            onRemove={() => {
              onChange(withoutButton(menu, place));
              setPlace([0, null]);
            }}
          />
        ) : (
          <span className="muted">{words.empty}</span>
        )}
      </Card>
    </div>
  );
}

interface PhoneProps {
  menu: MenuButton[];
  place: Place;
  onPick: (place: Place) => void;
  onChange: (menu: MenuButton[]) => void;
}

function Phone({ menu, place, onPick, onChange }: PhoneProps) {
  const t = useT().fans.menu;
  const look = (column: number, row: number | null) =>
    place[0] === column && place[1] === row ? ("primary" as const) : ("default" as const);
  return (
    <div
      data-testid="menu-phone"
      style={{
        width: 320,
        maxWidth: "100%",
        minHeight: 360,
        border: "1px solid var(--line)",
        borderRadius: 18,
        padding: 10,
        background: "var(--soft)",
        display: "flex",
        alignItems: "flex-end",
        gap: 6,
      }}
    >
      {menu.map((top, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a button is known by its place only
        <div key={column} className="stack" style={{ flex: 1, minWidth: 0, gap: 6 }}>
          {(top.buttons ?? []).map((below, row) => (
            <Button
              // biome-ignore lint/suspicious/noArrayIndexKey: a button is known by its place only
              key={row}
              size="small"
              block
              type={look(column, row)}
              onClick={() => onPick([column, row])}
            >
              <span className="ellipsis">{below.name}</span>
            </Button>
          ))}
          {(top.buttons?.length ?? 0) < BELOW ? (
            <Button
              size="small"
              type="dashed"
              block
              icon={<PlusOutlined />}
              aria-label={t.addBelow}
              onClick={() => {
                onChange(withNew(menu, column, t.newName));
                onPick([column, top.buttons?.length ?? 0]);
              }}
            />
          ) : null}
          <Button block type={look(column, null)} onClick={() => onPick([column, null])}>
            <span className="ellipsis">{top.name}</span>
          </Button>
        </div>
      ))}
      {menu.length < TOP ? (
        <Button
          type="dashed"
          style={{ flex: 1 }}
          icon={<PlusOutlined />}
          aria-label={t.add}
          onClick={() => {
            onChange(withNew(menu, null, t.newName));
            onPick([menu.length, null]);
          }}
        />
      ) : null}
    </div>
  );
}

interface ButtonFormProps {
  button: MenuButton;
  isTop: boolean;
  onChange: (button: MenuButton) => void;
  onRemove: () => void;
}

function ButtonForm({ button, isTop, onChange, onRemove }: ButtonFormProps) {
  const t = useT().fans.menu;
  const set = (values: Partial<MenuButton>) => onChange({ ...button, ...values });
  const field = (name: "value" | "app_id" | "page", label: string) => (
    <div className="stack" style={{ gap: 4 }}>
      <span className="small muted">{label}</span>
      <Input
        aria-label={label}
        value={button[name] ?? ""}
        onChange={(event) => set({ [name]: event.target.value })}
      />
    </div>
  );
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div className="stack" style={{ gap: 4 }}>
        <span className="small muted">{isTop ? t.topName : t.belowName}</span>
        <Input
          value={button.name}
          maxLength={isTop ? 5 : 20}
          aria-label={t.name}
          onChange={(event) => set({ name: event.target.value })}
        />
      </div>
      {button.kind === "group" ? (
        <span className="muted small">{t.group}</span>
      ) : (
        <>
          <Select
            aria-label={t.kind}
            value={button.kind}
            options={Object.entries(t.kinds).map(([value, label]) => ({ value, label }))}
            onChange={(kind: MenuButton["kind"]) => set({ kind })}
          />
          {field("value", button.kind === "click" ? t.key : t.url)}
          {button.kind === "mini_program" ? field("app_id", t.appId) : null}
          {button.kind === "mini_program" ? field("page", t.page) : null}
        </>
      )}
      <div>
        <Button danger size="small" icon={<DeleteOutlined />} onClick={onRemove}>
          {t.removeButton}
        </Button>
      </div>
    </div>
  );
}
