/** Menus for some fans: by the platform's tag, the phone, or both. */
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Alert, Button, Card, Drawer, Popconfirm, Select, Tag } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { problemOf } from "../api/problem";
import { useMay } from "../core/session";
import { AskCustomer } from "../kit/AskCustomer";
import { useAct } from "../kit/act";
import { Answer, EmptyState } from "../kit/States";
import { labelOf, useT } from "../locale";
import { MenuCanvas } from "./MenuCanvas";
import type { MenuButton } from "./menu";

type Menu = Row<"/api/menus/{account}/conditional">;

interface ConditionalMenusProps {
  account: string;
  /** What a new menu begins with. */
  draft: MenuButton[];
}

export function ConditionalMenus({ account, draft }: ConditionalMenusProps) {
  const t = useT().fans.conditional;
  const may = useMay();
  const [isAdding, setAdding] = useState(false);
  const menus = $api.useQuery("get", "/api/menus/{account}/conditional", {
    params: { path: { account } },
  });
  const add = may("code:write") ? (
    <Button icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t.add}
    </Button>
  ) : null;
  return (
    <Card title={t.title} extra={add} data-testid="conditional-menus">
      <p className="muted" style={{ marginTop: 0 }}>
        {t.lead}
      </p>
      <Answer query={menus} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t.empty} hint={t.emptyHint} />
          ) : (
            <div className="records">
              {items.map((menu) => (
                <MenuRow key={menu.id} account={account} menu={menu} />
              ))}
            </div>
          )
        }
      </Answer>
      <Match account={account} menus={menus.data?.items ?? []} />
      {isAdding ? (
        <Adding account={account} draft={draft} onClose={() => setAdding(false)} />
      ) : null}
    </Card>
  );
}

function MenuRow({ account, menu }: { account: string; menu: Menu }) {
  const t = useT();
  const words = t.fans.conditional;
  const may = useMay();
  const act = useAct();
  const remove = $api.useMutation(
    "delete",
    "/api/menus/{account}/conditional/{menu_id}",
    act(["/api/menus"], words.removed),
  );
  const params = { params: { path: { account, menu_id: menu.id } } };
  return (
    <div className="record" data-testid="conditional-menu">
      <div className="spread">
        <div style={{ minWidth: 0 }}>
          <Rule menu={menu} />
          <div className="muted small break">{namesOf(menu.buttons)}</div>
        </div>
        {may("code:write") ? (
          <Popconfirm title={words.removeAsk} onConfirm={() => remove.mutate(params)}>
            <Button size="small" danger icon={<DeleteOutlined />} aria-label={t.kit.remove} />
          </Popconfirm>
        ) : null}
      </div>
    </div>
  );
}

function Rule({ menu }: { menu: Pick<Menu, "tag_id" | "tag_name" | "client"> }) {
  const t = useT().fans.conditional;
  return (
    <span className="row tight">
      {menu.tag_id ? <Tag color="green">{menu.tag_name || `#${menu.tag_id}`}</Tag> : null}
      {menu.client ? <Tag>{labelOf(t.clients, menu.client)}</Tag> : null}
    </span>
  );
}

function namesOf(buttons: { [key: string]: unknown }[]): string {
  return buttons.map((one) => String(one.name)).join(" · ");
}

interface AddingProps extends ConditionalMenusProps {
  onClose: () => void;
}

function Adding({ account, draft, onClose }: AddingProps) {
  const t = useT();
  const words = t.fans.conditional;
  const [tag, setTag] = useState("");
  const [client, setClient] = useState<Menu["client"]>("");
  const [menu, setMenu] = useState(draft);
  const tags = $api.useQuery("get", "/api/menus/{account}/tags", {
    params: { path: { account } },
  });
  const make = $api.useMutation(
    "post",
    "/api/menus/{account}/conditional",
    useAct()(["/api/menus"], words.made, onClose),
  );
  const body = {
    tag_id: tag,
    client: client as "ios",
    buttons: menu as unknown as { [key: string]: unknown }[],
  };
  return (
    <Drawer
      title={words.add}
      open
      onClose={onClose}
      size={720}
      footer={
        <Button
          type="primary"
          disabled={!tag && !client}
          loading={make.isPending}
          onClick={() => make.mutate({ params: { path: { account } }, body })}
        >
          {words.publish}
        </Button>
      }
    >
      <div className="stack">
        <Alert type="info" showIcon title={words.order} />
        <div className="row">
          <Select
            aria-label={words.tag}
            style={{ minWidth: 180 }}
            value={tag}
            loading={tags.isPending}
            onChange={setTag}
            options={[
              { value: "", label: words.anyTag },
              ...(tags.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
            ]}
          />
          <Select
            aria-label={words.client}
            style={{ minWidth: 140 }}
            value={client}
            onChange={setClient}
            options={[
              { value: "", label: words.anyClient },
              ...Object.entries(words.clients).map(([value, label]) => ({ value, label })),
            ]}
          />
        </div>
        {tags.isError ? <Alert type="error" title={problemOf(tags.error).title} /> : null}
        <MenuCanvas menu={menu} onChange={setMenu} />
      </div>
    </Drawer>
  );
}

function Match({ account, menus }: { account: string; menus: Menu[] }) {
  const t = useT();
  const words = t.fans.conditional;
  const match = $api.useMutation("post", "/api/menus/{account}/match");
  const found = match.data;
  const own = menus.find((menu) => menu.id === found?.id);
  const ask = (customer_id: number) =>
    match.mutate({ params: { path: { account } }, body: { customer_id } });
  return (
    <div className="stack" style={{ gap: 8, marginTop: 16 }}>
      <AskCustomer
        label={words.customer}
        action={words.match}
        isPending={match.isPending}
        onAsk={ask}
      />
      {match.isError ? <Alert type="error" showIcon title={problemOf(match.error).title} /> : null}
      {found ? (
        <div className="row tight" data-testid="matched-menu">
          {own ? <Rule menu={own} /> : <Tag>{words.everybody}</Tag>}
          <span className="break">{namesOf(found.buttons)}</span>
        </div>
      ) : null}
    </div>
  );
}
