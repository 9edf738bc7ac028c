/** The official account: codes that make people follow, replies, menu, templates. */
import { Tabs } from "antd";
import { useSearchParams } from "react-router";
import { Page } from "../kit/Page";
import { useT } from "../locale";
import { AutoReplies } from "./AutoReplies";
import { NeedsAccount } from "./accounts";
import { FollowCodes } from "./FollowCodes";
import { MenuEditor } from "./MenuEditor";
import { PageLogin } from "./PageLogin";
import { Templates } from "./Templates";

export default function OfficialPage() {
  const t = useT().fans;
  const [params, setParams] = useSearchParams();
  const items = [
    { key: "replies", label: t.replies.title, children: <AutoReplies /> },
    {
      key: "codes",
      label: t.codes.title,
      children: (
        <NeedsAccount offer="follow_codes">
          {(some) => <FollowCodes accounts={some} />}
        </NeedsAccount>
      ),
    },
    {
      key: "menu",
      label: t.menu.title,
      children: (
        <NeedsAccount offer="menus">{(some) => <MenuEditor accounts={some} />}</NeedsAccount>
      ),
    },
    {
      key: "templates",
      label: t.templates.title,
      children: (
        <NeedsAccount offer="follow_codes">{(some) => <Templates accounts={some} />}</NeedsAccount>
      ),
    },
    {
      key: "login",
      label: t.pageLogin.title,
      children: (
        <NeedsAccount offer="page_login">{(some) => <PageLogin accounts={some} />}</NeedsAccount>
      ),
    },
  ];
  return (
    <Page title={t.official} lead={t.officialLead}>
      <Tabs
        activeKey={params.get("tab") ?? "replies"}
        onChange={(tab) => setParams({ tab }, { replace: true })}
        items={items}
        destroyOnHidden
      />
    </Page>
  );
}
