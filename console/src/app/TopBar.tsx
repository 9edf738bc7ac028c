/** Search, help, language, light or dark, and the signed-in person. */
import {
  LogoutOutlined,
  MoonOutlined,
  QuestionCircleOutlined,
  RocketOutlined,
  SearchOutlined,
  SunOutlined,
} from "@ant-design/icons";
import { Avatar, Button, Dropdown, Input, type InputRef, Popover, Tag, Tooltip } from "antd";
import { type ReactNode, useCallback, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { type Session, useSignOut } from "../core/session";
import { useIsPhone } from "../kit/screen";
import { labelOf, useT } from "../locale";
import { NAV } from "./nav";
import { prefer, usePreferences } from "./preferences";
import { useShortcuts } from "./shortcuts";

export function TopBar({ session, lead }: { session: Session; lead: ReactNode }) {
  const t = useT().app;
  const isPhone = useIsPhone();
  return (
    <header className="topbar">
      {lead}
      <div className="grow">
        <Search />
      </div>
      {session.is_demo && !isPhone ? <Tag color="gold">{t.demo}</Tag> : null}
      {isPhone ? null : <Keys />}
      <Looks />
      <Person session={session} />
    </header>
  );
}

function Search() {
  const t = useT().app;
  const navigate = useNavigate();
  const box = useRef<InputRef>(null);
  const [text, setText] = useState("");
  useShortcuts(useCallback(() => box.current?.focus(), []));
  const go = () => {
    if (!text.trim()) return;
    navigate(`/customers?q=${encodeURIComponent(text.trim())}`);
    setText("");
    box.current?.blur();
  };
  return (
    <Input
      ref={box}
      className="find"
      variant="filled"
      prefix={<SearchOutlined className="muted" />}
      suffix={<span className="kbd muted">/</span>}
      placeholder={t.search}
      aria-label={t.search}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onPressEnter={go}
    />
  );
}

function Keys() {
  const t = useT().app;
  const rows = NAV.flatMap((group) => group.items).filter((item) => item.key);
  const list = (
    <div className="stack" style={{ gap: 6, minWidth: 180 }}>
      <div className="spread">
        {t.search} <span className="kbd">/</span>
      </div>
      {rows.map((item) => (
        <div className="spread" key={item.path}>
          {t.pages[item.word]}
          <span>
            <span className="kbd">g</span> <span className="kbd">{item.key}</span>
          </span>
        </div>
      ))}
    </div>
  );
  return (
    <Popover content={list} title={t.shortcuts} trigger="click" placement="bottomRight">
      <Button type="text" icon={<QuestionCircleOutlined />} aria-label={t.shortcuts} />
    </Popover>
  );
}

/** Language and light or dark. */
export function Looks() {
  const t = useT().app;
  const { language, mode } = usePreferences();
  const isDark = mode === "dark";
  return (
    <span style={{ whiteSpace: "nowrap" }}>
      <Tooltip title={t.switchLanguage}>
        <Button
          type="text"
          aria-label={t.switchLanguage}
          data-testid="language"
          onClick={() => prefer({ language: language === "zh" ? "en" : "zh" })}
        >
          {language === "zh" ? "EN" : "中"}
        </Button>
      </Tooltip>
      <Tooltip title={isDark ? t.goLight : t.goDark}>
        <Button
          type="text"
          aria-label={isDark ? t.goLight : t.goDark}
          data-testid="mode"
          icon={isDark ? <SunOutlined /> : <MoonOutlined />}
          onClick={() => prefer({ mode: isDark ? "light" : "dark" })}
        />
      </Tooltip>
    </span>
  );
}

function Person({ session }: { session: Session }) {
  const t = useT();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { user } = session;
  const name = user.display_name || user.username;
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          { key: "who", disabled: true, label: `${name} · ${labelOf(t.core.roles, user.role)}` },
          { type: "divider" },
          { key: "start", icon: <RocketOutlined />, label: t.app.pages.start },
          { key: "out", icon: <LogoutOutlined />, label: t.app.signOut },
        ],
        onClick: ({ key }) => {
          if (key === "out") signOut.mutate();
          if (key === "start") navigate("/start");
        },
      }}
    >
      <Button type="text" style={{ padding: "0 6px" }} aria-label={name}>
        <Avatar size={28} style={{ background: "var(--tea)" }}>
          {name.slice(0, 1).toUpperCase()}
        </Avatar>
      </Button>
    </Dropdown>
  );
}
