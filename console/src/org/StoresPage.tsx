/** Regions and stores, who works there, and the rule of who owns a customer. */
import { PlusOutlined, UploadOutlined } from "@ant-design/icons";
import { Button, Select, type TableColumnsType, Tag } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { Page } from "../kit/Page";
import { Records } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { useT } from "../locale";
import { ImportOrg } from "./ImportOrg";
import { OwnerRuleCard } from "./OwnerRuleCard";
import { RegionForm } from "./RegionForm";
import { StoreForm } from "./StoreForm";

export type Store = Row<"/api/stores">;

export default function StoresPage() {
  const t = useT().org.stores;
  const may = useMay();
  const [region, setRegion] = useState("");
  const [shown, setShown] = useState<Store | "new">();
  const [dialog, setDialog] = useState<"region" | "import">();
  const query = region ? { region } : {};
  const stores = $api.useQuery("get", "/api/stores", { params: { query } });
  const columns = useColumns();
  const extra = may("org:write") ? (
    <>
      <Button icon={<UploadOutlined />} onClick={() => setDialog("import")}>
        {t.importFile}
      </Button>
      <Button onClick={() => setDialog("region")}>{t.addRegion}</Button>
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setShown("new")}>
        {t.add}
      </Button>
    </>
  ) : null;
  return (
    <Page title={t.title} lead={t.lead} extra={extra}>
      <RegionSelect value={region} onChange={setRegion} />
      {stores.isError ? (
        <ErrorState error={stores.error} onRetry={() => stores.refetch()} />
      ) : (
        <Records<Store>
          rows={stores.data?.items}
          rowKey={(row) => row.code}
          columns={columns}
          card={(row) => <StoreCard row={row} />}
          empty={<EmptyState title={t.empty} hint={t.emptyHint} />}
          {...(may("org:write") ? { onOpen: setShown } : {})}
        />
      )}
      <OwnerRuleCard />
      {shown ? (
        <StoreForm
          {...(shown === "new" ? {} : { store: shown })}
          onClose={() => setShown(undefined)}
        />
      ) : null}
      {dialog === "region" ? <RegionForm onClose={() => setDialog(undefined)} /> : null}
      {dialog === "import" ? <ImportOrg onClose={() => setDialog(undefined)} /> : null}
    </Page>
  );
}

interface RegionSelectProps {
  value: string;
  onChange: (code: string) => void;
}

function RegionSelect({ value, onChange }: RegionSelectProps) {
  const t = useT().org.stores;
  const options = useRegionOptions();
  return (
    <Select
      aria-label={t.region}
      style={{ width: 260, maxWidth: "100%" }}
      value={value}
      onChange={onChange}
      options={[{ value: "", label: t.allRegions }, ...options]}
    />
  );
}

/** Regions indented below those above them. */
export function useRegionOptions(): { value: string; label: string }[] {
  const regions = $api.useQuery("get", "/api/regions").data?.items ?? [];
  const depth = new Map<string, number>();
  return regions.map((region) => {
    const level = region.parent ? (depth.get(region.parent) ?? 0) + 1 : 0;
    depth.set(region.code, level);
    return { value: region.code, label: `${"　".repeat(level)}${region.name}` };
  });
}

function useColumns(): TableColumnsType<Store> {
  const t = useT().org.stores;
  const regions = $api.useQuery("get", "/api/regions").data?.items ?? [];
  const names = new Map(regions.map((region) => [region.code, region.name]));
  return [
    { title: t.name, dataIndex: "name", className: "strong" },
    { title: t.code, dataIndex: "code", className: "mono" },
    { title: t.region, dataIndex: "region", render: (code: string) => names.get(code) ?? code },
    { title: t.city, dataIndex: "city" },
    { title: t.hours, dataIndex: "hours" },
    {
      title: t.staff,
      dataIndex: "staff",
      align: "right",
      render: (staff: Store["staff"]) => t.staffCount(staff.length),
    },
    { title: "", key: "state", render: (_, row) => <StoreTags row={row} /> },
  ];
}

function StoreTags({ row }: { row: Store }) {
  const t = useT().org.stores;
  return (
    <>
      {row.is_online ? <Tag color="blue">{t.online}</Tag> : null}
      {row.is_active ? null : <Tag>{t.closed}</Tag>}
    </>
  );
}

function StoreCard({ row }: { row: Store }) {
  const t = useT().org.stores;
  return (
    <div className="stack" style={{ gap: 6 }}>
      <div className="spread">
        <span className="strong">{row.name}</span>
        <StoreTags row={row} />
      </div>
      <div className="spread muted small">
        <span className="mono">{row.code}</span>
        <span>{row.city}</span>
        <span>
          {t.staff} {t.staffCount(row.staff.length)}
        </span>
      </div>
    </div>
  );
}
