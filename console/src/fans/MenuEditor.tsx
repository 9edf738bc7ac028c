/** The custom menu: a phone that shows it, and a form for the button one touches. */
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Alert, Button, Card, Input, Popconfirm, Select } from "antd";
import { useEffect, useState } from "react";
import { $api } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Answer } from "../kit/States";
import { Time } from "../kit/Values";
import { useT } from "../locale";
import { type Account, accountOptions } from "./accounts";
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

export function MenuEditor({ accounts }: { accounts: Account[] }) {
  const t = useT().fans;
  const [account, setAccount] = useState(accounts[0]?.key ?? "");
  const params = { params: { path: { account } } };
  const menu = $api.useQuery("get", "/api/menus/{account}", params);
  return (
    <div className="stack">
      <div className="row">
        <span className="muted" style={{ flex: 1, minWidth: 220 }}>
          {t.menu.lead}
        </span>
        <Select
          aria-label={t.account}
          value={account}
          options={accountOptions(accounts)}
          onChange={setAccount}
        />
      </div>
      <Answer query={menu}>
        {(data) => (
          <Editor
            key={account}
            account={account}
            saved={data.buttons as unknown as MenuButton[]}
            publishedAt={data.published_at}
            editedAt={data.edited_at}
          />
        )}
      </Answer>
    </div>
  );
}

interface EditorProps {
  account: string;
  saved: MenuButton[];
  publishedAt: string | null;
  editedAt: string | null;
}

function Editor({ account, saved, publishedAt, editedAt }: EditorProps) {
  const t = useT();
  const words = t.fans.menu;
  const may = useMay();
  const act = useAct();
  const [menu, setMenu] = useState(saved);
  const [place, setPlace] = useState<Place>([0, null]);
  useEffect(() => setMenu(saved), [saved]);
  const params = { params: { path: { account } } };
  const keep = $api.useMutation("put", "/api/menus/{account}", act(["/api/menus"]));
  const publish = $api.useMutation(
    "post",
    "/api/menus/{account}/publish",
    act(["/api/menus"], words.published),
  );
  const remove = $api.useMutation(
    "delete",
    "/api/menus/{account}",
    act(["/api/menus"], words.removed),
  );
  const isChanged = JSON.stringify(menu) !== JSON.stringify(saved);
  const isBehind = editedAt !== null && (publishedAt === null || publishedAt < editedAt);
  const button = buttonAt(menu, place);
  const asBody = menu as unknown as { [key: string]: unknown }[];
  return (
    <>
      {isBehind ? <Alert type="info" showIcon title={words.behind} /> : null}
      <div className="row" style={{ alignItems: "flex-start", gap: 20 }}>
        <Phone menu={menu} place={place} onPick={setPlace} onChange={setMenu} />
        <Card style={{ flex: 1, minWidth: 280 }}>
          {button ? (
            <ButtonForm
              button={button}
              isTop={place[1] === null}
              onChange={(changed) => setMenu(withButton(menu, place, changed))}
              onRemove={() => {
                setMenu(withoutButton(menu, place));
                setPlace([0, null]);
              }}
            />
          ) : (
            <span className="muted">{words.empty}</span>
          )}
        </Card>
      </div>
      {may("code:write") ? (
        <div className="row">
          <Button
            type="primary"
            disabled={!isChanged}
            loading={keep.isPending}
            onClick={() => keep.mutate({ ...params, body: { buttons: asBody } })}
          >
            {words.save}
          </Button>
          <Button
            disabled={isChanged || menu.length === 0 || editedAt === null}
            loading={publish.isPending}
            onClick={() => publish.mutate({ ...params, body: { tag_id: "" } })}
          >
            {words.publish}
          </Button>
          <Popconfirm title={words.removeAsk} onConfirm={() => remove.mutate(params)}>
            <Button danger>{words.remove}</Button>
          </Popconfirm>
          {publishedAt ? (
            <span className="muted small">
              {words.publishedAt} <Time at={publishedAt} />
            </span>
          ) : null}
        </div>
      ) : null}
    </>
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
