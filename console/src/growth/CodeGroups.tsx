/** Groups of codes: made, renamed, deleted. */
import { DeleteOutlined } from "@ant-design/icons";
import { App, Button, Input, Modal } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { Answer, EmptyState } from "../kit/States";
import { useT } from "../locale";

export function CodeGroups({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const t = useT().growth;
  const act = useAct();
  const { modal } = App.useApp();
  const groups = $api.useQuery("get", "/api/live-codes/groups");
  const again = act(["/api/live-codes"]);
  const add = $api.useMutation("post", "/api/live-codes/groups", again);
  const rename = $api.useMutation("patch", "/api/live-codes/groups/{group_id}", again);
  const remove = $api.useMutation("delete", "/api/live-codes/groups/{group_id}", again);
  const [fresh, setFresh] = useState("");
  const path = (group_id: number) => ({ params: { path: { group_id } } });
  const ask = (id: number, name: string) =>
    modal.confirm({
      title: t.removeGroup(name),
      content: t.removeGroupHint,
      okText: t.remove,
      okButtonProps: { danger: true },
      onOk: () => remove.mutate(path(id)),
    });
  return (
    <Modal title={t.manageGroups} open={isOpen} onCancel={onClose} footer={null} destroyOnHidden>
      <div className="stack" style={{ gap: 10 }}>
        <Answer query={groups} rows={2}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState title={t.noGroups} />
            ) : (
              items.map((one) => (
                <div key={one.id} className="row tight" style={{ flexWrap: "nowrap" }}>
                  <GroupName
                    name={one.name}
                    onSave={(name) => rename.mutate({ ...path(one.id), body: { name } })}
                  />
                  <Button
                    type="text"
                    icon={<DeleteOutlined />}
                    aria-label={`${t.remove} ${one.name}`}
                    onClick={() => ask(one.id, one.name)}
                  />
                </div>
              ))
            )
          }
        </Answer>
        <Input.Search
          placeholder={t.newGroup}
          aria-label={t.newGroup}
          enterButton="+"
          maxLength={64}
          value={fresh}
          onChange={(event) => setFresh(event.target.value)}
          onSearch={(name) => {
            if (!name.trim()) return;
            add.mutate({ body: { name } });
            setFresh("");
          }}
        />
      </div>
    </Modal>
  );
}

/** A name that is kept when one leaves the field or presses Enter. */
function GroupName({ name, onSave }: { name: string; onSave: (name: string) => void }) {
  const t = useT().growth;
  const [text, setText] = useState(name);
  const keep = () => {
    const plain = text.trim();
    if (plain && plain !== name) onSave(plain);
    else setText(name);
  };
  return (
    <Input
      aria-label={`${t.group} ${name}`}
      value={text}
      maxLength={64}
      onChange={(event) => setText(event.target.value)}
      onBlur={keep}
      onPressEnter={keep}
    />
  );
}
