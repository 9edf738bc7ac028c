/** The frame around every page: menu, search, language, light and dark, who is signed in. */
import { MenuOutlined } from "@ant-design/icons";
import { Button, Drawer, Layout, Menu, Spin } from "antd";
import { useEffect, useState } from "react";
import { Outlet, useLocation, useNavigate } from "react-router";
import { LoginPage } from "../core/LoginPage";
import { type Session, useSession } from "../core/session";
import { ErrorState } from "../kit/States";
import { useIsPhone } from "../kit/screen";
import { useT } from "../locale";
import { useHasSandbox } from "../sandbox/presence";
import { Mark } from "./Mark";
import { activePath, NAV } from "./nav";
import { TopBar } from "./TopBar";

export function Shell() {
  const session = useSession();
  if (session.data === undefined && session.error) {
    return <ErrorState error={session.error} onRetry={() => session.refetch()} />;
  }
  if (session.data === undefined) return <Spin fullscreen />;
  if (session.data === null) return <LoginPage />;
  return <Frame session={session.data} />;
}

function Frame({ session }: { session: Session }) {
  const isPhone = useIsPhone();
  const [isOpen, setOpen] = useState(false);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes whenever the page changes
  useEffect(() => setOpen(false), [pathname]);
  const side = <Side session={session} />;
  return (
    <Layout className="shell">
      {isPhone ? (
        <Drawer
          className="side-drawer"
          placement="left"
          size={264}
          open={isOpen}
          onClose={() => setOpen(false)}
          closable={false}
        >
          {side}
        </Drawer>
      ) : (
        <Layout.Sider width={212} className="side">
          {side}
        </Layout.Sider>
      )}
      <Layout style={{ minWidth: 0 }}>
        <TopBar
          session={session}
          lead={isPhone ? <MenuButton onClick={() => setOpen(true)} /> : null}
        />
        <Layout.Content>
          <div className="content">
            <Outlet />
          </div>
        </Layout.Content>
      </Layout>
    </Layout>
  );
}

function MenuButton({ onClick }: { onClick: () => void }) {
  const t = useT().app;
  return <Button type="text" icon={<MenuOutlined />} aria-label={t.menu} onClick={onClick} />;
}

function Side({ session }: { session: Session }) {
  const t = useT().app;
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const may = (permission: string) => session.user.permissions.includes(permission);
  const hasSandbox = useHasSandbox(may("sandbox:control"));
  const groups = NAV.map((group) => ({
    key: group.word,
    type: "group" as const,
    label: t.groups[group.word],
    children: group.items
      .filter((item) => may(item.permission) && (hasSandbox || !item.isSandboxOnly))
      .map((item) => ({ key: item.path, icon: item.icon, label: t.pages[item.word] })),
  })).filter((group) => group.children.length > 0);
  return (
    <nav aria-label={t.menu}>
      <div className="brand">
        <Mark />
        Siyu 私域
        <small>v{session.version}</small>
      </div>
      <Menu
        theme="dark"
        mode="inline"
        style={{ background: "transparent", borderInlineEnd: 0 }}
        items={groups}
        selectedKeys={[activePath(pathname)]}
        onClick={({ key }) => navigate(key)}
      />
    </nav>
  );
}
