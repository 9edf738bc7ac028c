/** The menu: groups of pages, the permission each needs, and its two-key shortcut. */
import {
  ApiOutlined,
  AuditOutlined,
  BarChartOutlined,
  BranchesOutlined,
  CodeOutlined,
  CommentOutlined,
  CustomerServiceOutlined,
  DashboardOutlined,
  ExperimentOutlined,
  ExportOutlined,
  FormOutlined,
  GiftOutlined,
  HeartOutlined,
  IdcardOutlined,
  KeyOutlined,
  MedicineBoxOutlined,
  MobileOutlined,
  NodeIndexOutlined,
  NotificationOutlined,
  PayCircleOutlined,
  PictureOutlined,
  QrcodeOutlined,
  ReadOutlined,
  SendOutlined,
  SettingOutlined,
  ShopOutlined,
  ShoppingOutlined,
  SwapOutlined,
  TagsOutlined,
  TeamOutlined,
  ThunderboltOutlined,
  UploadOutlined,
  UserDeleteOutlined,
  UsergroupAddOutlined,
  WechatOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import type { Words } from "../locale";

export interface NavItem {
  path: string;
  word: keyof Words["app"]["pages"];
  icon: ReactNode;
  permission: string;
  key?: string;
  /** Shown only where an account lives in the sandbox. */
  isSandboxOnly?: boolean;
}

export interface NavGroup {
  word: keyof Words["app"]["groups"];
  items: NavItem[];
}

export const NAV: NavGroup[] = [
  {
    word: "look",
    items: [
      {
        path: "/",
        word: "overview",
        icon: <DashboardOutlined />,
        permission: "overview:read",
        key: "o",
      },
      {
        path: "/insight",
        word: "insight",
        icon: <BarChartOutlined />,
        permission: "overview:read",
        key: "i",
      },
    ],
  },
  {
    word: "pool",
    items: [
      {
        path: "/customers",
        word: "customers",
        icon: <TeamOutlined />,
        permission: "customer:read",
        key: "c",
      },
      {
        path: "/segments",
        word: "segments",
        icon: <HeartOutlined />,
        permission: "segment:read",
        key: "s",
      },
      {
        path: "/conflicts",
        word: "identity",
        icon: <NodeIndexOutlined />,
        permission: "customer:merge",
      },
      { path: "/tags", word: "tags", icon: <TagsOutlined />, permission: "customer:read" },
      {
        path: "/tag-rules",
        word: "tagRules",
        icon: <ThunderboltOutlined />,
        permission: "segment:read",
      },
      {
        path: "/custom-fields",
        word: "customFields",
        icon: <FormOutlined />,
        permission: "customer:read",
      },
      { path: "/orders", word: "orders", icon: <ShoppingOutlined />, permission: "overview:read" },
      { path: "/imports", word: "imports", icon: <UploadOutlined />, permission: "order:import" },
      {
        path: "/exports",
        word: "exports",
        icon: <ExportOutlined />,
        permission: "customer:export",
      },
    ],
  },
  {
    word: "reach",
    items: [
      {
        path: "/journeys",
        word: "journeys",
        icon: <BranchesOutlined />,
        permission: "journey:read",
        key: "j",
      },
      {
        path: "/broadcasts",
        word: "broadcasts",
        icon: <NotificationOutlined />,
        permission: "broadcast:read",
        key: "b",
      },
      {
        path: "/moments",
        word: "moments",
        icon: <PictureOutlined />,
        permission: "broadcast:read",
      },
      {
        path: "/touches",
        word: "touches",
        icon: <SendOutlined />,
        permission: "touch:read",
        key: "t",
      },
      {
        path: "/conversations",
        word: "conversations",
        icon: <CommentOutlined />,
        permission: "talk:read",
        key: "m",
      },
    ],
  },
  {
    word: "growth",
    items: [
      {
        path: "/live-codes",
        word: "liveCodes",
        icon: <QrcodeOutlined />,
        permission: "code:read",
        key: "l",
      },
      { path: "/groups", word: "socialGroups", icon: <TeamOutlined />, permission: "group:read" },
      {
        path: "/desks",
        word: "desks",
        icon: <CustomerServiceOutlined />,
        permission: "talk:read",
      },
      {
        path: "/official-account",
        word: "officialAccount",
        icon: <WechatOutlined />,
        permission: "code:write",
      },
      {
        path: "/mini-program",
        word: "miniProgram",
        icon: <MobileOutlined />,
        permission: "code:write",
      },
      {
        path: "/guide-cards",
        word: "guideCards",
        icon: <PayCircleOutlined />,
        permission: "code:read",
      },
      { path: "/rewards", word: "rewards", icon: <GiftOutlined />, permission: "reward:read" },
      {
        path: "/guides",
        word: "guides",
        icon: <IdcardOutlined />,
        permission: "guide:read",
        key: "d",
      },
      { path: "/stores", word: "stores", icon: <ShopOutlined />, permission: "guide:read" },
      {
        path: "/transfers",
        word: "transfers",
        icon: <SwapOutlined />,
        permission: "transfer:write",
      },
      {
        path: "/losses",
        word: "losses",
        icon: <UserDeleteOutlined />,
        permission: "customer:read",
      },
      { path: "/scripts", word: "scripts", icon: <ReadOutlined />, permission: "script:read" },
    ],
  },
  {
    word: "house",
    items: [
      {
        path: "/sandbox",
        word: "sandbox",
        icon: <ExperimentOutlined />,
        permission: "sandbox:control",
        isSandboxOnly: true,
      },
      {
        path: "/accounts",
        word: "accounts",
        icon: <ApiOutlined />,
        permission: "account:read",
        key: "a",
      },
      { path: "/doctor", word: "doctor", icon: <MedicineBoxOutlined />, permission: "doctor:read" },
      { path: "/query", word: "query", icon: <CodeOutlined />, permission: "query:run", key: "q" },
      { path: "/write-keys", word: "writeKeys", icon: <KeyOutlined />, permission: "key:write" },
      { path: "/users", word: "users", icon: <UsergroupAddOutlined />, permission: "user:write" },
      { path: "/audit", word: "audit", icon: <AuditOutlined />, permission: "audit:read" },
      { path: "/settings", word: "settings", icon: <SettingOutlined />, permission: "touch:read" },
    ],
  },
];

/** The first page a person may see. */
export function homePath(may: (permission: string) => boolean): string {
  return (
    NAV.flatMap((group) => group.items).find((item) => may(item.permission) && !item.isSandboxOnly)
      ?.path ?? "/start"
  );
}

/** The menu path that a location belongs to. */
export function activePath(pathname: string): string {
  const paths = NAV.flatMap((group) => group.items.map((item) => item.path));
  const first = `/${pathname.split("/")[1] ?? ""}`;
  return paths.includes(first) ? first : "";
}
