/** All broadcasts, the newest first. */
import { PlusOutlined, SafetyCertificateOutlined } from "@ant-design/icons";
import { Button, Form, InputNumber, Modal, Progress, Select, type TableColumnsType } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay, useSession } from "../core/session";
import { useAct } from "../kit/act";
import { formatInt } from "../kit/format";
import { Page } from "../kit/Page";
import { Pager, Records, useCursors } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { Time, useAccountLabel } from "../kit/Values";
import { labelOf, useLanguage, useT } from "../locale";
import { useChannelLabel } from "../reach/looks";
import { BroadcastState, handledOf } from "./looks";

type Item = Row<"/api/broadcasts">;

export default function BroadcastsPage() {
  const t = useT().broadcasts;
  const may = useMay();
  const session = useSession();
  const navigate = useNavigate();
  const [state, setState] = useState<string>("");
  const [isRuling, setRuling] = useState(false);
  const cursors = useCursors();
  const page = $api.useQuery(
    "get",
    "/api/broadcasts",
    { params: { query: { state, cursor: cursors.cursor } } },
    { refetchInterval: 5_000, placeholderData: (before) => before },
  );
  const columns = useColumns();
  const isOwner = session.data?.user.role === "owner";
  const extra = (
    <>
      {isOwner ? (
        <Button icon={<SafetyCertificateOutlined />} onClick={() => setRuling(true)}>
          {t.approval.title}
        </Button>
      ) : null}
      {may("broadcast:write") ? (
        <Button type="primary" icon={<PlusOutlined />} onClick={() => navigate("/broadcasts/new")}>
          {t.add}
        </Button>
      ) : null}
    </>
  );
  return (
    <Page title={t.title} lead={t.lead} extra={extra}>
      <div className="filters">
        <Select
          value={state}
          aria-label={t.state}
          options={[
            { value: "", label: t.allStates },
            ...Object.entries(t.states).map(([value, label]) => ({ value, label })),
          ]}
          onChange={(value) => {
            cursors.reset();
            setState(value);
          }}
        />
      </div>
      {page.isError ? (
        <ErrorState error={page.error} onRetry={() => page.refetch()} />
      ) : (
        <Records<Item>
          rows={page.data?.items}
          rowKey={(row) => row.id}
          columns={columns}
          card={(row) => <ItemCard row={row} />}
          onOpen={(row) => navigate(`/broadcasts/${row.id}`)}
          empty={
            <EmptyState title={state ? t.emptyFiltered : t.empty} hint={state ? "" : t.emptyHint} />
          }
          pager={<Pager cursors={cursors} next={page.data?.next_cursor} />}
          minWidth={900}
        />
      )}
      {isRuling ? <Approval onClose={() => setRuling(false)} /> : null}
    </Page>
  );
}

function useColumns(): TableColumnsType<Item> {
  const t = useT().broadcasts;
  const label = useChannelLabel();
  const account = useAccountLabel();
  return [
    { title: t.name, dataIndex: "name", className: "strong", ellipsis: true },
    {
      title: t.state,
      dataIndex: "state",
      width: 110,
      render: (code: string) => <BroadcastState code={code} />,
    },
    {
      title: t.channel,
      key: "channel",
      width: 180,
      ellipsis: true,
      render: (_, row) => (
        <span>
          {label(row.channel)} <span className="muted small">{account(row.account)}</span>
        </span>
      ),
    },
    {
      title: t.recipients,
      key: "size",
      width: 110,
      align: "right",
      render: (_, row) => <Size row={row} />,
    },
    { title: t.progress, key: "progress", width: 150, render: (_, row) => <Handled row={row} /> },
    { title: t.createdBy, dataIndex: "created_by", width: 100, ellipsis: true },
    {
      title: t.when,
      key: "when",
      width: 130,
      render: (_, row) => (
        <Time at={row.finished_at ?? row.started_at ?? row.scheduled_at ?? row.created_at} />
      ),
    },
  ];
}

function Size({ row }: { row: Item }) {
  const t = useT().broadcasts;
  const language = useLanguage();
  if (row.state === "draft") return <span className="muted">—</span>;
  const count = formatInt(row.audience_count, language);
  return <span className="num">{row.is_for_groups ? t.groupsCount(count) : t.people(count)}</span>;
}

function Handled({ row }: { row: Item }) {
  if (!row.started_at || row.planned_count === 0) return <span className="muted">—</span>;
  const share = Math.min(100, Math.round((handledOf(row.counts) / row.planned_count) * 100));
  return (
    <Progress
      percent={share}
      size="small"
      status={row.state === "stopped" ? "exception" : "normal"}
    />
  );
}

function ItemCard({ row }: { row: Item }) {
  const t = useT().broadcasts;
  const label = useChannelLabel();
  return (
    <div className="stack" style={{ gap: 6 }}>
      <div className="spread">
        <span className="strong clip">{row.name}</span>
        <BroadcastState code={row.state} />
      </div>
      <div className="spread muted small">
        <span className="clip">{label(row.channel)}</span>
        <Size row={row} />
      </div>
      <div className="spread muted small">
        <span>{labelOf({}, t.detail.by(row.created_by))}</span>
        <Time at={row.started_at ?? row.created_at} />
      </div>
      {row.started_at ? <Handled row={row} /> : null}
    </div>
  );
}

function Approval({ onClose }: { onClose: () => void }) {
  const t = useT().broadcasts.approval;
  const act = useAct();
  const [form] = Form.useForm<{ alone_limit: number }>();
  const known = $api.useQuery("get", "/api/broadcasts/approval");
  const save = $api.useMutation(
    "put",
    "/api/broadcasts/approval",
    act(["/api/broadcasts"], undefined, onClose),
  );
  if (!known.data) return null;
  return (
    <Modal title={t.title} open onCancel={onClose} onOk={() => form.submit()}>
      <p className="muted">{t.hint}</p>
      <Form
        form={form}
        layout="vertical"
        initialValues={known.data}
        onFinish={(body) => save.mutate({ body })}
      >
        <Form.Item name="alone_limit" label={t.limit} rules={[{ required: true }]}>
          <InputNumber min={0} max={1_000_000} precision={0} style={{ width: 160 }} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
