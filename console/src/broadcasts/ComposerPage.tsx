/** Writing a broadcast: what, to whom, how; the dry run beside it. */
import { Alert, App, Button, Card, DatePicker, Form, Input, InputNumber, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useNavigate, useParams } from "react-router";
import { $api, type Posted } from "../api/client";
import { problemOf } from "../api/problem";
import { Page } from "../kit/Page";
import { Answer } from "../kit/States";
import { useLanguage, useT } from "../locale";
import { useReason } from "../reach/looks";
import { Attachments } from "./Attachments";
import { type Choice, keyOf, useChosen } from "./chosen";
import { DryRun } from "./DryRun";
import { type Broadcast, useSegmentOptions, useStaffOptions } from "./looks";
import { Phone, type PhoneProps } from "./Phone";
import { Trial } from "./Trial";

interface Values {
  name: string;
  channel: string;
  text: string;
  attachments: Record<string, unknown>[];
  segment_id?: number;
  exclude_segment_id?: number;
  ids?: number[];
  missed?: Missed;
  owners: string[];
  labels: string[];
  staff: string[];
  scheduled_at?: Dayjs | null;
  spread_minutes: number;
  confirm_days: number;
}

/** The audience of whom an earlier broadcast did not reach. */
interface Missed {
  kind: "missed";
  broadcast_id: number;
  reasons: string[];
}

export default function ComposerPage() {
  const { id } = useParams();
  if (id === undefined) return <Composer known={null} />;
  return <Editing id={Number(id)} />;
}

function Editing({ id }: { id: number }) {
  const known = $api.useQuery("get", "/api/broadcasts/{broadcast_id}", {
    params: { path: { broadcast_id: id } },
  });
  return <Answer query={known}>{(data) => <Composer known={data} />}</Answer>;
}

function Composer({ known }: { known: Broadcast | null }) {
  const t = useT();
  const words = t.broadcasts.form;
  const navigate = useNavigate();
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const channels = $api.useQuery("get", "/api/broadcasts/channels");
  const preview = $api.useMutation("post", "/api/broadcasts/preview");
  const create = $api.useMutation("post", "/api/broadcasts");
  const update = $api.useMutation("put", "/api/broadcasts/{broadcast_id}");
  const submit = $api.useMutation("post", "/api/broadcasts/{broadcast_id}/submit");
  const fail = (error: unknown) => {
    const problem = problemOf(error);
    const field = problem.field === "audience" ? "segment_id" : problem.field;
    const isOurs = field !== undefined && field !== null && form.getFieldInstance(field);
    if (isOurs) form.setFields([{ name: field as keyof Values, errors: [problem.title] }]);
    message.error(t.kit.failed(problem.title));
  };
  const body = async () => {
    const values = await form.validateFields();
    const chosen = channels.data?.items.find((one) => keyOf(one) === values.channel);
    return bodyOf(values, known, chosen?.is_for_groups ?? false);
  };
  const run = async () => {
    try {
      preview.reset();
      await preview.mutateAsync({ body: await body() });
    } catch (error) {
      if (!("errorFields" in (error as object))) fail(error);
    }
  };
  const save = async (isSubmitted: boolean) => {
    try {
      const written = await body();
      const path = { broadcast_id: known?.id ?? 0 };
      if (known) await update.mutateAsync({ params: { path }, body: written });
      const id = known?.id ?? (await create.mutateAsync({ body: written })).id;
      if (isSubmitted) await submit.mutateAsync({ params: { path: { broadcast_id: id } } });
      message.success(isSubmitted ? words.submitted : words.saved);
      navigate(`/broadcasts/${id}`);
    } catch (error) {
      if (!("errorFields" in (error as object))) fail(error);
    }
  };
  return (
    <Page
      title={known ? words.edit : words.title}
      extra={
        <>
          <Button onClick={run} loading={preview.isPending}>
            {words.preview}
          </Button>
          <Button onClick={() => save(false)}>{words.save}</Button>
          <Button type="primary" onClick={() => save(true)} loading={submit.isPending}>
            {words.submit}
          </Button>
        </>
      }
    >
      <Answer query={channels}>
        {({ items }) => (
          <Form
            form={form}
            layout="vertical"
            initialValues={valuesOf(known, items[0] ? keyOf(items[0]) : undefined)}
          >
            <div className="grid wide-left">
              <div className="stack">
                <What channels={items} />
                <Who channels={items} />
                <How channels={items} />
              </div>
              <div className="stack">
                <Beside found={preview.data} />
                <Trial channels={items} body={body} />
              </div>
            </div>
          </Form>
        )}
      </Answer>
    </Page>
  );
}

function What({ channels }: { channels: Choice[] }) {
  const t = useT().broadcasts.form;
  const language = useLanguage();
  const chosen = useChosen(channels);
  return (
    <Card title={t.what}>
      <Form.Item name="name" label={t.name} rules={[{ required: true }]}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="channel" label={t.channel} rules={[{ required: true }]}>
        <Select
          options={channels.map((one) => ({
            value: keyOf(one),
            label: `${language === "zh" ? one.zh : one.en} · ${one.account}`,
          }))}
        />
      </Form.Item>
      <Form.Item name="text" label={t.text} extra={t.textHint}>
        <Input.TextArea
          autoSize={{ minRows: 4, maxRows: 14 }}
          maxLength={chosen?.max_chars ?? 1300}
          showCount
        />
      </Form.Item>
      {chosen?.is_single ? (
        <Alert type="info" showIcon title={t.single} style={{ marginBottom: 16 }} />
      ) : null}
      <Attachments
        key={chosen?.account ?? ""}
        account={chosen?.account ?? ""}
        kinds={chosen?.attachments ?? []}
        most={9}
      />
    </Card>
  );
}

function Who({ channels }: { channels: Choice[] }) {
  const t = useT().broadcasts.form;
  const segments = useSegmentOptions();
  const staff = useStaffOptions();
  const ids: number[] | undefined = Form.useWatch("ids");
  const missed: Missed | undefined = Form.useWatch("missed", { preserve: true });
  const chosen = useChosen(channels);
  const words = useT().broadcasts;
  return (
    <Card title={t.who}>
      <Form.Item name="ids" hidden>
        <Select mode="multiple" />
      </Form.Item>
      {missed ? (
        <MissedWords missed={missed} />
      ) : chosen?.is_for_groups ? (
        <>
          <Form.Item name="owners" label={t.owners}>
            <Select mode="multiple" options={staff} placeholder={t.groupsAll} />
          </Form.Item>
          <Form.Item name="labels" label={t.labels}>
            <Select mode="tags" placeholder={t.groupsAll} />
          </Form.Item>
        </>
      ) : ids?.length ? (
        <div className="strong">{words.people(String(ids.length))}</div>
      ) : (
        <>
          <Form.Item name="segment_id" label={t.segment} rules={[{ required: true }]}>
            <Select showSearch={{ optionFilterProp: "label" }} options={segments} />
          </Form.Item>
          <Form.Item name="exclude_segment_id" label={t.exclude}>
            <Select allowClear showSearch={{ optionFilterProp: "label" }} options={segments} />
          </Form.Item>
        </>
      )}
    </Card>
  );
}

function MissedWords({ missed }: { missed: Missed }) {
  const t = useT().broadcasts.again;
  const say = useReason();
  const earlier = $api.useQuery("get", "/api/broadcasts/{broadcast_id}", {
    params: { path: { broadcast_id: missed.broadcast_id } },
  });
  return (
    <>
      <div className="strong">{t.whom(earlier.data?.name ?? `#${missed.broadcast_id}`)}</div>
      <div className="muted small">{missed.reasons.map(say).join("、")}</div>
    </>
  );
}

function How({ channels }: { channels: Choice[] }) {
  const t = useT().broadcasts.form;
  const staff = useStaffOptions();
  const chosen = useChosen(channels);
  return (
    <Card title={t.how}>
      {chosen?.needs_staff && !chosen.is_for_groups ? (
        <Form.Item name="staff" label={t.staff}>
          <Select mode="multiple" options={staff} placeholder={t.staffAll} />
        </Form.Item>
      ) : null}
      <Form.Item name="scheduled_at" label={t.scheduled} extra={t.scheduledHint}>
        <DatePicker showTime={{ format: "HH:mm" }} style={{ width: 220 }} />
      </Form.Item>
      <Form.Item name="spread_minutes" label={t.spread} extra={t.spreadHint}>
        <InputNumber min={0} max={1440} precision={0} style={{ width: 120 }} />
      </Form.Item>
      {chosen?.needs_staff ? (
        <Form.Item name="confirm_days" label={t.confirm}>
          <InputNumber min={1} max={7} precision={0} style={{ width: 120 }} />
        </Form.Item>
      ) : null}
    </Card>
  );
}

function Beside({ found }: { found: Posted<"/api/broadcasts/preview"> | undefined }) {
  const t = useT().broadcasts.preview;
  const text: string = Form.useWatch("text") ?? "";
  const attachments: PhoneProps["attachments"] = Form.useWatch("attachments") ?? [];
  const sample = found?.samples.find((one) => !one.reason);
  return (
    <div className="stack">
      <Card title={t.phone}>
        <Phone
          name={sample ? t.sample(sample.name || `#${sample.customer_id}`) : t.phone}
          text={sample && found?.is_personal ? sample.text : text}
          attachments={attachments.filter(Boolean)}
        />
      </Card>
      <Card title={t.title}>
        <p className="muted small" style={{ marginTop: 0 }}>
          {found ? t.hint : t.run}
        </p>
        {found ? <DryRun found={found} /> : null}
      </Card>
    </div>
  );
}

function valuesOf(known: Broadcast | null, first: string | undefined): Partial<Values> {
  if (!known)
    return {
      ...(first ? { channel: first } : {}),
      text: "",
      attachments: [],
      owners: [],
      labels: [],
      staff: [],
      spread_minutes: 0,
      confirm_days: 2,
    };
  const told = known.audience as Record<string, never>;
  return {
    name: known.name,
    channel: `${known.account}|${known.channel}`,
    text: known.text,
    attachments: known.attachments,
    segment_id: told.segment_id,
    exclude_segment_id: told.exclude_segment_id,
    ids: told.ids,
    missed: isMissed(known.audience) ? known.audience : undefined,
    owners: told.owners ?? [],
    labels: told.labels ?? [],
    staff: known.staff,
    scheduled_at: known.scheduled_at ? dayjs(known.scheduled_at) : null,
    spread_minutes: known.spread_minutes,
    confirm_days: known.confirm_days,
  };
}

function isMissed(audience: object | undefined): audience is Missed {
  return audience !== undefined && "kind" in audience && audience.kind === "missed";
}

function bodyOf(values: Values, known: Broadcast | null, isForGroups: boolean) {
  const [account = "", channel = ""] = values.channel.split("|");
  return {
    name: values.name,
    account,
    channel,
    text: values.text ?? "",
    attachments: values.attachments ?? [],
    audience: audienceOf(values, known, isForGroups),
    staff: values.staff ?? [],
    scheduled_at: values.scheduled_at?.toISOString() ?? null,
    spread_minutes: values.spread_minutes ?? 0,
    confirm_days: values.confirm_days ?? 2,
  };
}

function audienceOf(
  values: Values,
  known: Broadcast | null,
  isForGroups: boolean,
): Record<string, unknown> {
  if (isMissed(known?.audience)) return { ...known.audience };
  if (isForGroups)
    return { kind: "groups", owners: values.owners ?? [], labels: values.labels ?? [] };
  const told = known?.audience as Record<string, unknown> | undefined;
  if (told && told.kind !== "segment" && told.kind !== "groups") return told;
  const excluded = values.exclude_segment_id;
  return {
    kind: "segment",
    segment_id: values.segment_id,
    ...(excluded ? { exclude_segment_id: excluded } : {}),
  };
}
