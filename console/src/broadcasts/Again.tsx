/** Sending again to whom an ended broadcast surely did not reach: reasons are chosen, a draft made. */
import { Button, Checkbox, Modal } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { formatInt } from "../kit/format";
import { Answer } from "../kit/States";
import { useLanguage, useT } from "../locale";
import { useReason } from "../reach/looks";
import type { Broadcast } from "./looks";

/** Reasons that do not lie with the customer: chosen unless somebody thinks otherwise. */
const USUAL = new Set(["not_confirmed", "taken_back", "broadcast_stopped", "expired"]);

export function Again({ broadcast }: { broadcast: Broadcast }) {
  const t = useT().broadcasts.again;
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t.button}</Button>
      {isOpen ? <Choose id={broadcast.id} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Choose({ id, onClose }: { id: number; onClose: () => void }) {
  const t = useT().broadcasts;
  const language = useLanguage();
  const say = useReason();
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<string[]>();
  const path = { params: { path: { broadcast_id: id } } };
  const missed = $api.useQuery("get", "/api/broadcasts/{broadcast_id}/missed", path);
  const make = $api.useMutation("post", "/api/broadcasts/{broadcast_id}/again", {
    ...useAct()(["/api/broadcasts"], t.again.made),
  });
  const known = (missed.data?.items ?? []).map((one) => one.reason);
  const reasons = chosen ?? known.filter((one) => USUAL.has(one));
  const submit = async () => {
    const made = await make.mutateAsync({ ...path, body: { reasons } });
    navigate(`/broadcasts/${made.id}/edit`);
  };
  return (
    <Modal
      open
      title={t.again.title}
      okText={t.again.make}
      okButtonProps={{ disabled: reasons.length === 0 }}
      confirmLoading={make.isPending}
      onOk={() => submit().catch(() => undefined)}
      onCancel={onClose}
    >
      <p className="muted small">{t.again.hint}</p>
      <Answer query={missed}>
        {({ items }) =>
          items.length === 0 ? (
            <span className="muted">{t.again.none}</span>
          ) : (
            <Checkbox.Group value={reasons} onChange={setChosen} className="stack">
              {items.map((one) => (
                <Checkbox key={one.reason} value={one.reason}>
                  {say(one.reason)} · <span className="num">{formatInt(one.count, language)}</span>
                </Checkbox>
              ))}
            </Checkbox.Group>
          )
        }
      </Answer>
    </Modal>
  );
}
