/** Who is the same person: what waits for judgement, what was decided, what is blocked, the rules. */
import { Tabs } from "antd";
import { useSearchParams } from "react-router";
import { useMay } from "../core/session";
import { Page } from "../kit/Page";
import { useT } from "../locale";
import { Decisions } from "./Decisions";
import { PoisonList } from "./PoisonList";
import { ReviewQueue } from "./ReviewQueue";
import { Rules } from "./Rules";

export default function ConflictsPage() {
  const t = useT().oneid;
  const may = useMay();
  const [query, setQuery] = useSearchParams();
  const items = [
    { key: "queue", label: t.tabs.queue, children: <ReviewQueue /> },
    { key: "decided", label: t.tabs.decided, children: <Decisions /> },
    {
      key: "poison",
      label: t.tabs.poison,
      children: <PoisonList mayWrite={may("customer:rules")} />,
    },
    { key: "rules", label: t.tabs.rules, children: <Rules mayWrite={may("customer:rules")} /> },
  ];
  return (
    <Page title={t.title} lead={t.lead}>
      <Tabs
        activeKey={query.get("tab") ?? "queue"}
        onChange={(key) => setQuery({ tab: key }, { replace: true })}
        items={items}
        destroyOnHidden
      />
    </Page>
  );
}
