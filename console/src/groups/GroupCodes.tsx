/** Codes into groups: a card each, with the groups it leads to. */
import { DeleteOutlined, DownloadOutlined, EditOutlined, LinkOutlined } from "@ant-design/icons";
import { Button, Card, Popconfirm, Tag } from "antd";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { formatInt } from "../kit/format";
import { useLanguage, useT } from "../locale";
import { CardList } from "./CardList";
import { GroupCodeForm } from "./GroupCodeForm";

export type GroupCode = Row<"/api/group-codes">;

export function GroupCodes() {
  const { codes } = useT().groups;
  const found = $api.useQuery("get", "/api/group-codes", {}, { refetchInterval: 15_000 });
  return (
    <CardList
      query={found}
      words={codes}
      card={(code, onEdit) => <CodeCard code={code} onEdit={onEdit} />}
      form={(code, onClose) => <GroupCodeForm code={code} onClose={onClose} />}
    />
  );
}

function CodeCard({ code, onEdit }: { code: GroupCode; onEdit: () => void }) {
  const words = useT().groups.codes;
  return (
    <Card>
      <div className="stack" style={{ gap: 12 }}>
        <div className="row" style={{ flexWrap: "nowrap", alignItems: "flex-start", gap: 14 }}>
          <img
            src={`/api/group-codes/${code.id}/qr.svg`}
            alt={code.name}
            width={96}
            height={96}
            style={{ background: "#fff", borderRadius: 8, padding: 4, flex: "none" }}
          />
          <div className="stack" style={{ minWidth: 0, gap: 6 }}>
            <span className="strong break">{code.name}</span>
            <span className="row" style={{ gap: 4 }}>
              {code.is_full ? <Tag color="red">{words.full}</Tag> : null}
              {code.error ? <Tag color="orange">{code.error}</Tag> : null}
            </span>
          </div>
        </div>
        <Figures code={code} />
        <div className="stack" style={{ gap: 4 }}>
          {code.groups.map((group) => (
            <span key={group.id} className="spread small">
              <span className="break">
                {group.name} {group.is_shown ? <Tag color="green">{words.shown}</Tag> : null}
              </span>
              <span className="num muted">
                {group.members} / {code.limit}
              </span>
            </span>
          ))}
        </div>
        <Actions code={code} onEdit={onEdit} />
      </div>
    </Card>
  );
}

function Figures({ code }: { code: GroupCode }) {
  const words = useT().groups.codes;
  const language = useLanguage();
  const figures: [string, number][] = [
    [words.joined, code.joined],
    [words.present, code.present],
    [words.views, code.views],
  ];
  return (
    <div className="row" style={{ background: "var(--soft)", borderRadius: 10, padding: "10px 0" }}>
      {figures.map(([label, value]) => (
        <div key={label} style={{ flex: 1, textAlign: "center" }}>
          <div className="strong num">{formatInt(value, language)}</div>
          <div className="muted small">{label}</div>
        </div>
      ))}
    </div>
  );
}

function Actions({ code, onEdit }: { code: GroupCode; onEdit: () => void }) {
  const words = useT().groups.codes;
  const may = useMay();
  const act = useAct();
  const remove = $api.useMutation(
    "delete",
    "/api/group-codes/{code_id}",
    act(["/api/group-codes"]),
  );
  return (
    <div className="row" style={{ gap: 8 }}>
      <Button
        size="small"
        icon={<DownloadOutlined />}
        href={`/api/group-codes/${code.id}/qr.png`}
        download={`${code.name}.png`}
      >
        {words.download}
      </Button>
      <Button size="small" icon={<LinkOutlined />} href={code.page_path} target="_blank">
        {words.page}
      </Button>
      {may("group:write") ? (
        <>
          <Button size="small" icon={<EditOutlined />} aria-label={words.edit} onClick={onEdit} />
          <Popconfirm
            title={words.removeSure}
            onConfirm={() => remove.mutate({ params: { path: { code_id: code.id } } })}
          >
            <Button size="small" danger icon={<DeleteOutlined />} aria-label={words.remove} />
          </Popconfirm>
        </>
      ) : null}
    </div>
  );
}
