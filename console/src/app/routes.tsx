/** Every page of the console; each is its own chunk. */
import { Skeleton } from "antd";
import { type ComponentType, lazy, Suspense } from "react";
import { createBrowserRouter, type RouteObject, useRouteError } from "react-router";
import { ErrorState } from "../kit/States";
import { Missing } from "./Missing";
import { Shell } from "./Shell";

type Load = () => Promise<{ default: ComponentType }>;

function page(path: string, load: Load): RouteObject {
  const Lazy = lazy(load);
  const element = (
    <Suspense fallback={<Skeleton active paragraph={{ rows: 8 }} />}>
      <Lazy />
    </Suspense>
  );
  return { path, element, errorElement: <Broken /> };
}

function Broken() {
  return <ErrorState error={useRouteError()} onRetry={() => location.reload()} />;
}

export const router = createBrowserRouter([
  {
    path: "/",
    element: <Shell />,
    errorElement: <Broken />,
    children: [
      page("", () => import("../insight/HomePage")),
      page("start", () => import("../core/StartPage")),
      page("insight", () => import("../insight/InsightPage")),
      page("customers", () => import("../pool/CustomersPage")),
      page("customers/:id", () => import("../pool/CustomerPage")),
      page("conflicts", () => import("../pool/ConflictsPage")),
      page("tags", () => import("../pool/TagsPage")),
      page("tag-rules", () => import("../tag_rules/TagRulesPage")),
      page("custom-fields", () => import("../fields/CustomFieldsPage")),
      page("orders", () => import("../commerce/OrdersPage")),
      page("imports", () => import("../files/ImportsPage")),
      page("exports", () => import("../files/ExportsPage")),
      page("segments", () => import("../segments/SegmentsPage")),
      page("segments/new", () => import("../segments/SegmentEditorPage")),
      page("segments/overlap", () => import("../segments/OverlapPage")),
      page("segments/upload", () => import("../segments/UploadPage")),
      page("segments/:id", () => import("../segments/SegmentEditorPage")),
      page("journeys", () => import("../journeys/JourneysPage")),
      page("journeys/:id", () => import("../journeys/JourneyPage")),
      page("broadcasts", () => import("../broadcasts/BroadcastsPage")),
      page("broadcasts/new", () => import("../broadcasts/ComposerPage")),
      page("broadcasts/:id", () => import("../broadcasts/BroadcastPage")),
      page("broadcasts/:id/edit", () => import("../broadcasts/ComposerPage")),
      page("moments", () => import("../moments/MomentsPage")),
      page("moments/:id", () => import("../moments/MomentPage")),
      page("touches", () => import("../reach/TouchesPage")),
      page("conversations", () => import("../talk/ConversationsPage")),
      page("conversations/:id", () => import("../talk/ConversationsPage")),
      page("groups", () => import("../groups/GroupsPage")),
      page("groups/:id", () => import("../groups/GroupPage")),
      page("desks", () => import("../talk/DesksPage")),
      page("live-codes", () => import("../growth/LiveCodesPage")),
      page("live-codes/:id", () => import("../growth/CodePage")),
      page("guides", () => import("../guides/GuidesPage")),
      page("stores", () => import("../org/StoresPage")),
      page("transfers", () => import("../org/TransfersPage")),
      page("losses", () => import("../org/LossesPage")),
      page("scripts", () => import("../talk/ScriptsPage")),
      page("official-account", () => import("../fans/OfficialPage")),
      page("mini-program", () => import("../fans/MiniPage")),
      page("guide-cards", () => import("../payments/GuideCardsPage")),
      page("rewards", () => import("../payments/RewardsPage")),
      page("sandbox", () => import("../sandbox/SandboxPage")),
      page("accounts", () => import("../core/AccountsPage")),
      page("doctor", () => import("../core/DoctorPage")),
      page("write-keys", () => import("../core/WriteKeysPage")),
      page("users", () => import("../core/UsersPage")),
      page("audit", () => import("../core/AuditPage")),
      page("query", () => import("../lake/QueryPage")),
      page("settings", () => import("../reach/SettingsPage")),
      { path: "*", element: <Missing /> },
    ],
  },
]);
