/** Entrances to the pool: codes, links, store codes, welcome words, who is on duty. */
import { Tabs } from "antd";
import { useSearchParams } from "react-router";
import { Page } from "../kit/Page";
import { useIsPhone } from "../kit/screen";
import { useT } from "../locale";
import { CodeFigures } from "./CodeFigures";
import { CodesTab } from "./CodesTab";
import "./growth.css";
import { PresenceTab } from "./PresenceTab";
import { StoresTab } from "./StoresTab";
import { WelcomesTab } from "./WelcomesTab";

const TABS = {
  code: <CodesTab kind="code" />,
  link: <CodesTab kind="link" />,
  stores: <StoresTab />,
  welcomes: <WelcomesTab />,
  staff: <PresenceTab />,
  figures: <CodeFigures ids={[]} />,
} as const;

export default function LiveCodesPage() {
  const t = useT().growth;
  const [params, setParams] = useSearchParams();
  const isPhone = useIsPhone();
  const tab = params.get("tab") ?? "code";
  return (
    <Page title={t.title} lead={t.lead}>
      <Tabs
        activeKey={tab in TABS ? tab : "code"}
        onChange={(key) => setParams(key === "code" ? {} : { tab: key })}
        tabBarGutter={isPhone ? 16 : undefined}
        destroyOnHidden
        items={(Object.keys(TABS) as (keyof typeof TABS)[]).map((key) => ({
          key,
          label: t.tabs[key],
          children: TABS[key],
        }))}
      />
    </Page>
  );
}
