/** Putting tags on, or taking them off, all customers of the list, counted first. */
import { TagsOutlined } from "@ant-design/icons";
import { Button, Modal, Segmented, Select } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { formatInt } from "../kit/format";
import { useLanguage, useT } from "../locale";
import { useTagOptions } from "./FilterSelects";
import type { CustomerFilters } from "./filters";

export function BulkTags({ filters }: { filters: CustomerFilters }) {
  const t = useT().tagging;
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button icon={<TagsOutlined />} onClick={() => setOpen(true)}>
        {t.bulk}
      </Button>
      {isOpen ? <Dialog filters={filters} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

interface DialogProps {
  filters: CustomerFilters;
  onClose: () => void;
}

function Dialog({ filters, onClose }: DialogProps) {
  const t = useT().tagging;
  const language = useLanguage();
  const act = useAct();
  const options = useTagOptions();
  const [isRemoval, setRemoval] = useState(false);
  const [tags, setTags] = useState<number[]>([]);
  const body = { filters: queryOf(filters), tag_ids: tags };
  const preview = $api.useQuery(
    "post",
    "/api/tag-batches/preview",
    { body },
    { enabled: tags.length > 0 },
  );
  const start = $api.useMutation(
    "post",
    "/api/tag-batches",
    act(["/api/tag-batches", "/api/customers"], t.bulkStarted, onClose),
  );
  const count = (n: number) => formatInt(n, language);
  return (
    <Modal
      title={t.bulk}
      open
      onCancel={onClose}
      okText={t.bulkGo}
      okButtonProps={{ disabled: !preview.data || preview.data.customers === 0 }}
      confirmLoading={start.isPending}
      onOk={() => start.mutate({ body: { ...body, is_removal: isRemoval } })}
    >
      <div className="stack" style={{ gap: 12 }}>
        <Segmented
          value={isRemoval}
          onChange={setRemoval}
          options={[
            { value: false, label: t.bulkAdd },
            { value: true, label: t.bulkRemove },
          ]}
        />
        <Select
          mode="multiple"
          aria-label={t.bulkTags}
          placeholder={t.bulkTags}
          options={options}
          showSearch={{ optionFilterProp: "label" }}
          value={tags}
          onChange={setTags}
        />
        <div data-testid="bulk-count" className="strong">
          {preview.data && tags.length > 0
            ? t.bulkCount(count(preview.data.customers), count(preview.data.carrying))
            : ""}
        </div>
        <div className="muted small">{t.bulkHint}</div>
      </div>
    </Modal>
  );
}

/** Filters as the API takes them: what is not set is left empty. */
function queryOf(filters: CustomerFilters) {
  return {
    q: filters.q ?? "",
    platform: filters.platform ?? "",
    stage: filters.stage ?? "",
    tag_id: filters.tag_id ?? null,
    segment_id: filters.segment_id ?? null,
    owner: "",
    field: filters.field ?? "",
    value: filters.value ?? "",
  };
}
