/** The definition as JSON, to copy or to paste. */
import { CopyOutlined } from "@ant-design/icons";
import { App, Button, Input, Modal } from "antd";
import { useMemo, useState } from "react";
import { useT } from "../locale";
import type { Definition } from "./definition";
import { readPasted, toWire } from "./wire";

interface JsonProps {
  definition: Definition;
  onApply: (definition: Definition) => void;
}

export function JsonButton({ definition, onApply }: JsonProps) {
  const t = useT();
  const words = t.segments;
  const { message } = App.useApp();
  const [typed, setTyped] = useState<string | null>(null);
  const [isBad, setBad] = useState(false);
  const open = () => {
    setBad(false);
    setTyped(JSON.stringify(toWire(definition.root).definition, null, 2));
  };
  const apply = () => {
    const read = readPasted(typed ?? "");
    setBad(read === null);
    if (read) {
      onApply(read);
      setTyped(null);
    }
  };
  const copy = async () => {
    await navigator.clipboard.writeText(typed ?? "");
    message.success(t.kit.copied);
  };
  return (
    <>
      <Button size="small" onClick={open}>
        {words.json}
      </Button>
      <Modal
        title={words.jsonTitle}
        open={typed !== null}
        onCancel={() => setTyped(null)}
        width={680}
        footer={[
          <Button key="copy" icon={<CopyOutlined />} onClick={copy}>
            {t.kit.copy}
          </Button>,
          <Button key="apply" type="primary" onClick={apply}>
            {words.jsonApply}
          </Button>,
        ]}
      >
        <div className="stack">
          <div className="muted">{words.jsonLead}</div>
          <JsonText value={typed ?? ""} isBad={isBad} onChange={setTyped} />
          {isBad ? <div className="down">{words.jsonBad}</div> : null}
        </div>
      </Modal>
    </>
  );
}

interface TextProps {
  value: string;
  isBad: boolean;
  onChange: (text: string) => void;
}

function JsonText({ value, isBad, onChange }: TextProps) {
  const words = useT().segments;
  const rows = useMemo(() => Math.min(20, Math.max(8, value.split("\n").length)), [value]);
  return (
    <Input.TextArea
      className="mono"
      rows={rows}
      spellCheck={false}
      aria-label={words.jsonTitle}
      status={isBad ? "error" : ""}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
