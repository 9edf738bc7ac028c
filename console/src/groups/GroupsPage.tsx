/** Groups: the groups themselves, ways into them, and who is in several. */
import { Tabs } from "antd";
import { useSearchParams } from "react-router";
import { Page } from "../kit/Page";
import { useT } from "../locale";
import { Duplicates } from "./Duplicates";
import { GroupCodes } from "./GroupCodes";
import { GroupList } from "./GroupList";
import { Invitations } from "./Invitations";
import { Keywords } from "./Keywords";
import { Welcomes } from "./Welcomes";

const PARTS = {
  groups: GroupList,
  codes: GroupCodes,
  keywords: Keywords,
  invitations: Invitations,
  duplicates: Duplicates,
  welcomes: Welcomes,
};
type Part = keyof typeof PARTS;

export default function GroupsPage() {
  const t = useT().groups;
  const [search, setSearch] = useSearchParams();
  const asked = search.get("tab") ?? "groups";
  const tab: Part = asked in PARTS ? (asked as Part) : "groups";
  const Shown = PARTS[tab];
  return (
    <Page title={t.title} lead={t.lead}>
      <Tabs
        activeKey={tab}
        onChange={(key) => setSearch({ tab: key })}
        items={Object.entries(t.tabs).map(([key, label]) => ({ key, label }))}
      />
      <Shown />
    </Page>
  );
}
