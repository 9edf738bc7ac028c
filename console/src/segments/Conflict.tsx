/** Somebody else saved the segment since it was opened: both sentences, and which to keep. */
import { Button, Modal } from "antd";
import { Time } from "../kit/Values";
import { useT } from "../locale";
import type { Segment } from "./saving";
import { useConditionText } from "./words";

interface ConflictProps {
  mine: { name: string; definition: unknown };
  theirs: Segment;
  onTake: () => void;
  onKeep: () => void;
  onClose: () => void;
}

export function Conflict({ mine, theirs, onTake, onKeep, onClose }: ConflictProps) {
  const t = useT().segments;
  const textOf = useConditionText();
  const sides = [
    { label: t.conflict.theirs, name: theirs.name, text: textOf(theirs.definition) },
    { label: t.conflict.mine, name: mine.name, text: textOf(mine.definition) },
  ];
  return (
    <Modal
      open
      title={t.conflict.title}
      onCancel={onClose}
      width={620}
      footer={[
        <Button key="take" onClick={onTake}>
          {t.conflict.takeTheirs}
        </Button>,
        <Button key="keep" type="primary" danger onClick={onKeep}>
          {t.conflict.keepMine}
        </Button>,
      ]}
    >
      <div className="stack">
        <div className="muted">
          {t.conflict.lead} <Time at={theirs.updated_at} />
        </div>
        {sides.map((side) => (
          <div className="record" style={{ boxSizing: "border-box" }} key={side.label}>
            <div className="muted small">{side.label}</div>
            <div className="strong">{side.name}</div>
            <div>{side.text}</div>
          </div>
        ))}
      </div>
    </Modal>
  );
}
