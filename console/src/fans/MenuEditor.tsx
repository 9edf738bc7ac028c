/** The custom menu: drafted for everybody, put to the platform on demand. */
import { Alert, Button, Popconfirm, Select } from "antd";
import { useEffect, useState } from "react";
import { $api } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Answer } from "../kit/States";
import { Time } from "../kit/Values";
import { useT } from "../locale";
import { type Account, accountOptions } from "./accounts";
import { ConditionalMenus } from "./ConditionalMenus";
import { MenuCanvas } from "./MenuCanvas";
import type { MenuButton } from "./menu";

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
      <ConditionalMenus key={account} account={account} draft={buttonsOf(menu.data?.buttons)} />
    </div>
  );
}

function buttonsOf(buttons: unknown): MenuButton[] {
  return (buttons ?? []) as MenuButton[];
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
  const asBody = menu as unknown as { [key: string]: unknown }[];
  return (
    <>
      {isBehind ? <Alert type="info" showIcon title={words.behind} /> : null}
      <MenuCanvas menu={menu} onChange={setMenu} />
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
            onClick={() => publish.mutate(params)}
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
