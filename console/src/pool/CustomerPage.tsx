/** One customer, all round. */
import { ArrowLeftOutlined } from "@ant-design/icons";
import { Avatar, Card, Descriptions, Skeleton, Tabs } from "antd";
import { Link, useParams, useSearchParams } from "react-router";
import { $api, type Got } from "../api/client";
import { ChannelsTab } from "../broadcasts/ChannelsTab";
import { CustomerOrders } from "../commerce/CustomerOrders";
import { Permits } from "../fans/Permits";
import { FieldsCard } from "../fields/FieldsCard";
import { Page } from "../kit/Page";
import { Answer } from "../kit/States";
import { useIsPhone } from "../kit/screen";
import { useStaffName } from "../kit/staff";
import { Money, Platform, Stage, Time, useAccountLabel } from "../kit/Values";
import { Timeline } from "../lake/Timeline";
import { useT } from "../locale";
import { CustomerTouches } from "../reach/CustomerTouches";
import { RemarksCard } from "../writeback/RemarksCard";
import { CustomerActions } from "./CustomerActions";
import { OwnerCard } from "./OwnerCard";
import { Phone } from "./Phone";
import { ConsentCard, IdentityCard, RelationCard, StageCard } from "./ProfileCards";
import { TagCard } from "./TagCard";
import { Traits } from "./Traits";
import { Why } from "./Why";

export type Profile = Got<"/api/customers/{customer_id}">;

export default function CustomerPage() {
  const id = Number(useParams().id);
  const t = useT().pool.page;
  const profile = $api.useQuery("get", "/api/customers/{customer_id}", {
    params: { path: { customer_id: id } },
  });
  const name = profile.data ? profile.data.name || t.unnamed : "…";
  return (
    <Page
      name={name}
      title={
        <span className="row">
          <Link to="/customers" aria-label={t.back} className="muted">
            <ArrowLeftOutlined />
          </Link>
          {name}
        </span>
      }
      extra={profile.data ? <CustomerActions profile={profile.data} /> : null}
    >
      <Answer query={profile} loading={<Loading />}>
        {(data) => <Body profile={data} />}
      </Answer>
    </Page>
  );
}

function Loading() {
  return (
    <Card>
      <Skeleton active avatar paragraph={{ rows: 8 }} />
    </Card>
  );
}

function Body({ profile }: { profile: Profile }) {
  return (
    <>
      <Head profile={profile} />
      <div className="grid wide-right">
        <div className="stack">
          <IdentityCard profile={profile} />
          <TagCard profile={profile} />
          <FieldsCard customerId={profile.id} />
          <OwnerCard customerId={profile.id} />
          <StageCard profile={profile} />
          <ConsentCard profile={profile} />
          <RelationCard profile={profile} />
          <RemarksCard customerId={profile.id} />
        </div>
        <Sides profile={profile} />
      </div>
    </>
  );
}

function Head({ profile }: { profile: Profile }) {
  const t = useT().pool.page;
  const isPhone = useIsPhone();
  const account = useAccountLabel();
  const staffName = useStaffName();
  const facts = [
    { key: "stage", label: t.stages, children: <Stage code={profile.stage} /> },
    {
      key: "orders",
      label: t.orders,
      children: <span className="num">{profile.order_count}</span>,
    },
    { key: "revenue", label: t.revenue, children: <Money fen={profile.revenue_fen} /> },
    { key: "source", label: t.source, children: account(profile.first_source) || "—" },
    { key: "owner", label: t.owner, children: staffName("", profile.owner_staff) || "—" },
    { key: "seen", label: t.seen, children: <Time at={profile.last_seen_at} /> },
    { key: "since", label: t.since, children: <Time at={profile.created_at} /> },
  ];
  const avatar = (
    <Avatar
      size={isPhone ? 40 : 64}
      style={{ background: "var(--tea)", fontSize: isPhone ? 18 : 26, flex: "none" }}
    >
      {(profile.name || "?").slice(0, 1)}
    </Avatar>
  );
  return (
    <Card>
      <div className="row" style={{ gap: 20, alignItems: "flex-start", flexWrap: "nowrap" }}>
        {isPhone ? null : avatar}
        <div className="stack" style={{ gap: 12, flex: 1 }}>
          <div className="row" style={{ columnGap: 16 }}>
            {isPhone ? avatar : null}
            <Phone profile={profile} />
            {profile.platforms.map((code) => (
              <Platform key={code} code={code} />
            ))}
            <span className="muted small">{t.id(profile.id)}</span>
          </div>
          <Descriptions
            size="small"
            layout="vertical"
            colon={false}
            column={{ xs: 3, sm: 3, lg: 4, xl: 7 }}
            items={facts}
          />
          {profile.merged_from.length > 0 ? (
            <div className="muted small">{t.mergedFrom(profile.merged_from.join("、"))}</div>
          ) : null}
        </div>
      </div>
    </Card>
  );
}

function Sides({ profile }: { profile: Profile }) {
  const t = useT().pool.tabs;
  const { permits } = useT().fans;
  const [search, setSearch] = useSearchParams();
  const items = [
    { key: "timeline", label: t.timeline, children: <Timeline customerId={profile.id} /> },
    { key: "why", label: t.why, children: <Why customerId={profile.id} /> },
    { key: "orders", label: t.orders, children: <CustomerOrders customerId={profile.id} /> },
    { key: "touches", label: t.touches, children: <CustomerTouches customerId={profile.id} /> },
    { key: "channels", label: t.channels, children: <ChannelsTab customerId={profile.id} /> },
    { key: "permits", label: permits.title, children: <Permits customerId={profile.id} /> },
    { key: "traits", label: t.traits, children: <Traits traits={profile.traits} /> },
  ];
  return (
    <Card styles={{ body: { paddingTop: 8 } }}>
      <Tabs
        items={items}
        activeKey={search.get("tab") ?? "timeline"}
        onChange={(tab) => setSearch({ tab }, { replace: true })}
        destroyOnHidden
      />
    </Card>
  );
}
