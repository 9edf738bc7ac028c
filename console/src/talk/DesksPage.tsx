/** Service desks: who answers there, what greets, where customers enter. */
import { ReloadOutlined } from "@ant-design/icons";
import { Alert, App, Button, Card, Input, Popconfirm, Select, Tag, Typography } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useGroupAccounts, useStaffOptions } from "../groups/choices";
import { useAct } from "../kit/act";
import { Page } from "../kit/Page";
import { Answer, EmptyState } from "../kit/States";
import { useStaffName } from "../kit/staff";
import { Platform } from "../kit/Values";
import { useT } from "../locale";

type Desk = Row<"/api/desks">;

export default function DesksPage() {
  const t = useT().groups.desks;
  const may = useMay();
  const desks = $api.useQuery("get", "/api/desks", {}, { refetchInterval: 10_000 });
  const tools = may("group:write") ? <Tools /> : null;
  return (
    <Page title={t.title} lead={t.lead} extra={tools}>
      <Answer query={desks} rows={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <EmptyState title={t.empty} hint={t.emptyHint} />
            </Card>
          ) : (
            <div className="grid cards">
              {items.map((desk) => (
                <DeskCard key={desk.id} desk={desk} />
              ))}
            </div>
          )
        }
      </Answer>
    </Page>
  );
}

function Tools() {
  const t = useT().groups.desks;
  const act = useAct();
  const account = useGroupAccounts()[0]?.value ?? "";
  const [name, setName] = useState("");
  const create = $api.useMutation("post", "/api/desks", act(["/api/desks"]));
  const refresh = $api.useMutation("post", "/api/desks/refresh", act(["/api/desks"], t.refreshed));
  return (
    <span className="row">
      <Input
        style={{ width: 180 }}
        placeholder={t.name}
        aria-label={t.name}
        maxLength={16}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button
        type="primary"
        disabled={!name.trim() || !account}
        loading={create.isPending}
        onClick={() => create.mutate({ body: { account, name } }, { onSuccess: () => setName("") })}
      >
        {t.add}
      </Button>
      <Button
        icon={<ReloadOutlined />}
        disabled={!account}
        loading={refresh.isPending}
        onClick={() => refresh.mutate({ body: { account } })}
      >
        {t.refresh}
      </Button>
    </span>
  );
}

function DeskCard({ desk }: { desk: Desk }) {
  const t = useT().groups.desks;
  const may = useMay();
  return (
    <Card>
      <div className="stack" style={{ gap: 12 }}>
        <span className="spread">
          <Name desk={desk} />
          <Platform code={desk.account.split(":")[0] ?? ""} />
        </span>
        <span className="muted small">
          {t.open} {desk.open} · {t.human} {desk.human}
        </span>
        {desk.error ? <Tag color="orange">{desk.error}</Tag> : null}
        {desk.is_ours ? <Controls desk={desk} /> : <Lost />}
        {may("group:write") ? <Remove desk={desk} /> : null}
      </div>
    </Card>
  );
}

function Controls({ desk }: { desk: Desk }) {
  const may = useMay();
  return (
    <>
      <Servicers desk={desk} />
      {may("group:write") ? <Welcome desk={desk} /> : null}
      <Entrance desk={desk} />
    </>
  );
}

/** The platform took the right to answer here away: what it means, and the way back. */
function Lost() {
  const t = useT().groups.desks;
  return <Alert type="warning" showIcon title={t.lost} description={t.lostHint} />;
}

function Name({ desk }: { desk: Desk }) {
  const t = useT().groups.desks;
  const may = useMay();
  const act = useAct();
  const update = $api.useMutation("patch", "/api/desks/{desk_id}", act(["/api/desks"]));
  const rename = (name: string) => {
    if (name.trim() && name.trim() !== desk.name)
      update.mutate({ params: { path: { desk_id: desk.id } }, body: { name: name.trim() } });
  };
  const editable = { tooltip: t.rename, maxLength: 16, onChange: rename };
  return (
    <Typography.Text
      className="strong break"
      editable={desk.is_ours && may("group:write") ? editable : false}
    >
      {desk.name}
    </Typography.Text>
  );
}

function Servicers({ desk }: { desk: Desk }) {
  const t = useT().groups.desks;
  const may = useMay();
  const staffName = useStaffName();
  const options = useStaffOptions();
  const { message } = App.useApp();
  const act = useAct();
  const change = $api.useMutation("post", "/api/desks/{desk_id}/servicers", act(["/api/desks"]));
  const now = desk.servicers.map((one) => one.staff);
  const save = (after: string[]) =>
    change.mutate(
      {
        params: { path: { desk_id: desk.id } },
        body: {
          add: after.filter((one) => !now.includes(one)),
          remove: now.filter((one) => !after.includes(one)),
        },
      },
      {
        onSuccess: ({ refused }) => {
          const names = Object.keys(refused).join("、");
          if (names) message.warning(t.refused(names));
        },
      },
    );
  if (may("group:write")) {
    return (
      <Select
        mode="multiple"
        aria-label={t.servicers}
        placeholder={t.addServicers}
        loading={change.isPending}
        value={now}
        options={options}
        showSearch={{ optionFilterProp: "label" }}
        onChange={save}
      />
    );
  }
  return (
    <span className="row" style={{ flexWrap: "wrap", gap: 4 }}>
      {desk.servicers.map((one) => (
        <Tag key={one.staff}>
          {staffName(desk.account, one.staff)} {one.is_receiving ? "" : t.paused}
        </Tag>
      ))}
    </span>
  );
}

function Welcome({ desk }: { desk: Desk }) {
  const t = useT();
  const words = t.groups.desks;
  const act = useAct();
  const [text, setText] = useState(desk.welcome_text);
  const update = $api.useMutation("patch", "/api/desks/{desk_id}", act(["/api/desks"]));
  return (
    <div className="stack" style={{ gap: 6 }}>
      <span className="muted small">
        {words.welcome} · {words.welcomeHint}
      </span>
      <Input.TextArea
        aria-label={words.welcome}
        rows={2}
        maxLength={600}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button
        size="small"
        disabled={text === desk.welcome_text}
        loading={update.isPending}
        onClick={() =>
          update.mutate({ params: { path: { desk_id: desk.id } }, body: { welcome_text: text } })
        }
      >
        {t.kit.save}
      </Button>
    </div>
  );
}

function Entrance({ desk }: { desk: Desk }) {
  const t = useT().groups.desks;
  const act = useAct();
  const [scene, setScene] = useState("");
  const { onError } = act([]);
  const link = $api.useMutation("post", "/api/desks/{desk_id}/link", { onError });
  return (
    <div className="stack" style={{ gap: 6 }}>
      <span className="row" style={{ flexWrap: "nowrap" }}>
        <Input
          size="small"
          placeholder={t.scene}
          aria-label={t.scene}
          maxLength={32}
          value={scene}
          onChange={(event) => setScene(event.target.value)}
        />
        <Button
          size="small"
          loading={link.isPending}
          onClick={() => link.mutate({ params: { path: { desk_id: desk.id } }, body: { scene } })}
        >
          {t.makeLink}
        </Button>
      </span>
      {link.data ? <code className="break small">{link.data.url}</code> : null}
    </div>
  );
}

function Remove({ desk }: { desk: Desk }) {
  const t = useT().groups.desks;
  const act = useAct();
  const remove = $api.useMutation("delete", "/api/desks/{desk_id}", act(["/api/desks"]));
  return (
    <Popconfirm
      title={desk.is_ours ? t.removeSure : t.putAwaySure}
      onConfirm={() => remove.mutate({ params: { path: { desk_id: desk.id } } })}
    >
      <Button size="small" danger loading={remove.isPending}>
        {desk.is_ours ? t.remove : t.putAway}
      </Button>
    </Popconfirm>
  );
}
