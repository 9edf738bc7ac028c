/** The tags of a customer: take off with ×, put on from a list. */
import { PlusOutlined } from "@ant-design/icons";
import { Button, Card, Select, Tag } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { useT } from "../locale";
import type { Profile } from "./CustomerPage";
import { useTagOptions } from "./FilterSelects";

export function TagCard({ profile }: { profile: Profile }) {
  const t = useT().pool.page;
  const may = useMay();
  const act = useAct();
  const [isAdding, setAdding] = useState(false);
  const options = useTagOptions();
  const change = $api.useMutation(
    "post",
    "/api/customers/{customer_id}/tags",
    act(["/api/customers"]),
  );
  const send = (add: number[], remove: number[]) =>
    change.mutate({ params: { path: { customer_id: profile.id } }, body: { add, remove } });
  const mayWrite = may("customer:write");
  const own = new Set(profile.tags.map((tag) => tag.id));
  const open = options
    .map((group) => ({ ...group, options: group.options.filter((tag) => !own.has(tag.value)) }))
    .filter((group) => group.options.length > 0);
  return (
    <Card size="small" title={t.tags}>
      <div className="row" data-testid="customer-tags">
        {profile.tags.map((tag) => (
          <Tag
            key={tag.id}
            style={{ margin: 0 }}
            closable={mayWrite}
            onClose={(event) => {
              event.preventDefault();
              send([], [tag.id]);
            }}
          >
            <span className="muted">{tag.group} · </span>
            {tag.name}
          </Tag>
        ))}
        {profile.tags.length === 0 && !isAdding ? <span className="muted">{t.noTags}</span> : null}
        {mayWrite && !isAdding ? (
          <Button
            size="small"
            type="dashed"
            icon={<PlusOutlined />}
            onClick={() => setAdding(true)}
          >
            {t.addTag}
          </Button>
        ) : null}
        {isAdding ? (
          <Select
            size="small"
            autoFocus
            defaultOpen
            showSearch={{ optionFilterProp: "label" }}
            style={{ minWidth: 160 }}
            placeholder={t.addTag}
            options={open}
            onBlur={() => setAdding(false)}
            onSelect={(id: number) => {
              send([id], []);
              setAdding(false);
            }}
          />
        ) : null}
      </div>
    </Card>
  );
}
