/** "Show the SQL": every number opens the query behind it. */
import { CodeOutlined, CopyOutlined } from "@ant-design/icons";
import { App, Button, Drawer, Tooltip } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { useT } from "../locale";
import { Answer } from "./States";

export function SqlText({ sql }: { sql: string }) {
  const t = useT().kit;
  const { message } = App.useApp();
  const copy = async () => {
    await navigator.clipboard.writeText(sql);
    message.success(t.copied);
  };
  return (
    <div className="stack">
      <pre className="sql mono">{sql}</pre>
      <div>
        <Button icon={<CopyOutlined />} onClick={copy}>
          {t.copy}
        </Button>
      </div>
    </div>
  );
}

/** Opens the text of a named query. */
export function QueryButton({ name, isCompact }: { name: string; isCompact?: boolean }) {
  const t = useT().kit;
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Tooltip title={isCompact ? t.showSql : undefined}>
        <Button
          size="small"
          type="text"
          className="muted"
          icon={<CodeOutlined />}
          aria-label={t.showSql}
          onClick={() => setOpen(true)}
        >
          {isCompact ? null : t.showSql}
        </Button>
      </Tooltip>
      <Drawer
        title={t.sqlTitle}
        open={isOpen}
        onClose={() => setOpen(false)}
        size={640}
        destroyOnHidden
      >
        <NamedQuery name={name} />
      </Drawer>
    </>
  );
}

function NamedQuery({ name }: { name: string }) {
  const t = useT().kit;
  const query = $api.useQuery("get", "/api/queries/{name}", { params: { path: { name } } });
  return (
    <Answer query={query} rows={10}>
      {(found) => (
        <div className="stack">
          <div className="muted">{t.sqlLead}</div>
          <SqlText sql={found.sql} />
        </div>
      )}
    </Answer>
  );
}

/** Opens SQL the page already has. */
export function SqlButton({ sql }: { sql: string }) {
  const t = useT().kit;
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button icon={<CodeOutlined />} onClick={() => setOpen(true)}>
        {t.showSql}
      </Button>
      <Drawer title={t.sqlTitle} open={isOpen} onClose={() => setOpen(false)} size={640}>
        <SqlText sql={sql} />
      </Drawer>
    </>
  );
}
