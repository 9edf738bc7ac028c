/** One change to many codes. */
import { App, Button, Card, InputNumber, Popover, Select } from "antd";
import { type ReactNode, useState } from "react";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { useT } from "../locale";
import { useTagOptions } from "../pool/FilterSelects";
import { useChoices } from "./choices";

interface BatchBarProps {
  ids: number[];
  isArchived: boolean;
  onDone: () => void;
}

export function BatchBar({ ids, isArchived, onDone }: BatchBarProps) {
  const t = useT().growth;
  const words = t.batch;
  const { message } = App.useApp();
  const act = useAct();
  const batch = $api.useMutation("post", "/api/live-codes/batch", act(["/api/live-codes"]));
  const groups = $api.useQuery("get", "/api/live-codes/groups");
  const { staff, everybody } = useChoices(undefined);
  const tags = useTagOptions();
  const change = async (more: object) => {
    const body = { ids, add_staff: [], drop_staff: [], add_tags: [], ...more };
    const { failed } = await batch.mutateAsync({ body });
    if (failed[0]) message.warning(words.failed(failed.length, failed[0].reason));
    onDone();
  };
  const groupOptions = [
    { value: 0, label: t.noGroup },
    ...(groups.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
  ];
  return (
    <Card size="small">
      <div className="row">
        <span className="strong">{t.selected(ids.length)}</span>
        <Button size="small" onClick={() => change({ is_active: false })}>
          {words.pause}
        </Button>
        <Button size="small" onClick={() => change({ is_active: true })}>
          {words.resume}
        </Button>
        <Button size="small" onClick={() => change({ is_archived: !isArchived })}>
          {isArchived ? words.restore : words.archive}
        </Button>
        <Ask label={words.move} onApply={(group_id) => change({ group_id })} initial={0}>
          {(value, set) => (
            <Select value={value} onChange={set} options={groupOptions} style={{ width: 200 }} />
          )}
        </Ask>
        {(["add_staff", "drop_staff"] as const).map((field) => (
          <Ask
            key={field}
            label={field === "add_staff" ? words.addStaff : words.dropStaff}
            onApply={(value) => change({ [field]: value })}
            initial={[] as string[]}
          >
            {(value, set) => (
              <Select
                mode="multiple"
                value={value}
                onChange={set}
                options={staff}
                style={{ width: 240 }}
              />
            )}
          </Ask>
        ))}
        <Ask
          label={words.swap}
          onApply={(swap) => change({ swap })}
          initial={["", ""] as [string, string]}
        >
          {([from, to], set) => (
            <>
              <Select
                aria-label={words.swapFrom}
                placeholder={words.swapFrom}
                value={from || null}
                onChange={(value) => set([value ?? "", to])}
                options={everybody}
                showSearch={{ optionFilterProp: "label" }}
                style={{ width: 240 }}
              />
              <Select
                aria-label={words.swapTo}
                placeholder={words.swapTo}
                value={to || null}
                onChange={(value) => set([from, value ?? ""])}
                options={staff}
                showSearch={{ optionFilterProp: "label" }}
                style={{ width: 240 }}
              />
            </>
          )}
        </Ask>
        <Ask
          label={words.addTags}
          onApply={(add_tags) => change({ add_tags })}
          initial={[] as number[]}
        >
          {(value, set) => (
            <Select
              mode="multiple"
              value={value}
              onChange={set}
              options={tags}
              style={{ width: 240 }}
            />
          )}
        </Ask>
        <Ask
          label={words.cap}
          onApply={(cap) => change({ cap: cap ?? 0 })}
          initial={null as number | null}
        >
          {(value, set) => <InputNumber min={0} value={value} onChange={set} />}
        </Ask>
        <Button
          size="small"
          target="_blank"
          href={`/api/live-codes/sheet.html?ids=${ids.join(",")}&per_page=8`}
        >
          {words.print}
        </Button>
      </div>
    </Card>
  );
}

interface AskProps<T> {
  label: string;
  initial: T;
  onApply: (value: T) => void;
  children: (value: T, set: (value: T) => void) => ReactNode;
}

function Ask<T>({ label, initial, onApply, children }: AskProps<T>) {
  const t = useT().growth.batch;
  const [value, setValue] = useState<T>(initial);
  return (
    <Popover
      trigger="click"
      content={
        <div className="stack" style={{ gap: 10 }}>
          {children(value, setValue)}
          <Button type="primary" size="small" onClick={() => onApply(value)}>
            {t.apply}
          </Button>
        </div>
      }
    >
      <Button size="small">{label}</Button>
    </Popover>
  );
}
