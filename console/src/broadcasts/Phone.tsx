/** A phone that shows the message as a customer sees it. */
import {
  FileOutlined,
  LinkOutlined,
  PictureOutlined,
  ReadOutlined,
  VideoCameraOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import { labelOf, useT } from "../locale";

export interface PhoneProps {
  name: string;
  text: string;
  attachments: { kind?: string; title?: string; description?: string; url?: string }[];
}

const ICONS: Record<string, ReactNode> = {
  link: <LinkOutlined />,
  image: <PictureOutlined />,
  mini_program: <LinkOutlined />,
  video: <VideoCameraOutlined />,
  file: <FileOutlined />,
  article: <ReadOutlined />,
};

export function Phone({ name, text, attachments }: PhoneProps) {
  const t = useT().broadcasts;
  return (
    <div
      data-testid="phone"
      style={{
        border: "6px solid var(--line)",
        borderRadius: 28,
        padding: "14px 12px 20px",
        background: "var(--soft)",
        maxWidth: 300,
        minHeight: 320,
        margin: "0 auto",
      }}
    >
      <div className="muted small" style={{ textAlign: "center", marginBottom: 12 }}>
        {name}
      </div>
      <div className="stack" style={{ gap: 8 }}>
        {text ? <Bubble>{text}</Bubble> : null}
        {attachments.map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: attachments have no id and keep their order
          <Bubble key={index}>
            <span className="row tight">
              {ICONS[item.kind ?? ""]}
              <span className="strong clip">
                {item.title || labelOf(t.attach.kinds, item.kind ?? "")}
              </span>
            </span>
            {item.description || item.url ? (
              <span className="muted small clip" style={{ display: "block" }}>
                {item.description || item.url}
              </span>
            ) : null}
          </Bubble>
        ))}
      </div>
    </div>
  );
}

function Bubble({ children }: { children: ReactNode }) {
  return (
    <div
      className="break"
      style={{
        background: "var(--panel)",
        borderRadius: 10,
        padding: "8px 12px",
        whiteSpace: "pre-wrap",
        alignSelf: "flex-start",
        maxWidth: "100%",
      }}
    >
      {children}
    </div>
  );
}
