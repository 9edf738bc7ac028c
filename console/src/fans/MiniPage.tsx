/** The mini program: links into it, templates, the code to build in, shipping reports. */
import { Tabs } from "antd";
import { useSearchParams } from "react-router";
import { Page } from "../kit/Page";
import { useT } from "../locale";
import { AppLinks } from "./AppLinks";
import { NeedsAccount } from "./accounts";
import { Shipping } from "./Shipping";
import { Snippet } from "./Snippet";
import { Templates } from "./Templates";

export default function MiniPage() {
  const t = useT().fans;
  const [params, setParams] = useSearchParams();
  const items = [
    {
      key: "links",
      label: t.links.title,
      children: (
        <NeedsAccount offer="app_links">{(some) => <AppLinks accounts={some} />}</NeedsAccount>
      ),
    },
    {
      key: "templates",
      label: t.templates.title,
      children: (
        <NeedsAccount offer="app_links">{(some) => <Templates accounts={some} />}</NeedsAccount>
      ),
    },
    {
      key: "snippet",
      label: t.snippet.title,
      children: (
        <NeedsAccount offer="app_login">{(some) => <Snippet accounts={some} />}</NeedsAccount>
      ),
    },
    {
      key: "shipping",
      label: t.shipping.title,
      children: (
        <NeedsAccount offer="shipping">{(some) => <Shipping accounts={some} />}</NeedsAccount>
      ),
    },
  ];
  return (
    <Page title={t.mini} lead={t.miniLead}>
      <Tabs
        activeKey={params.get("tab") ?? "links"}
        onChange={(tab) => setParams({ tab }, { replace: true })}
        items={items}
        destroyOnHidden
      />
    </Page>
  );
}
