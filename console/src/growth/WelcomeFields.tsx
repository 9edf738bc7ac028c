/** Welcome words in a form: text, attachments, and other words at certain times. */
import { DeleteOutlined, UploadOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Card, Dropdown, Form, Input, Select, Upload } from "antd";
import { $api, client } from "../api/client";
import { problemOf } from "../api/problem";
import { useT } from "../locale";
import { optionsOf } from "./PlanFields";
import { SlotList } from "./SlotFields";

export function WelcomeFields({ hint }: { hint: string }) {
  const t = useT().growth;
  return (
    <>
      <Form.Item name={["says", "text"]} label={t.welcome} extra={hint}>
        <Input.TextArea rows={4} maxLength={1000} />
      </Form.Item>
      <Form.Item label={t.attachments}>
        <Attachments name={["says", "attachments"]} path={["says", "attachments"]} />
      </Form.Item>
      <Form.Item label={t.timedWords}>
        <SlotList name={["says", "times"]} add={t.addTimed} fresh={{ text: "", attachments: [] }}>
          {(name) => (
            <>
              <Form.Item name={[name, "text"]} noStyle>
                <Input.TextArea rows={2} maxLength={1000} aria-label={t.timedWords} />
              </Form.Item>
              <Attachments
                name={[name, "attachments"]}
                path={["says", "times", name, "attachments"]}
              />
            </>
          )}
        </SlotList>
      </Form.Item>
    </>
  );
}

interface AttachmentsProps {
  name: (string | number)[];
  path: (string | number)[];
}

function Attachments({ name, path }: AttachmentsProps) {
  const t = useT().growth;
  return (
    <Form.List name={name}>
      {(fields, change) => (
        <div className="stack" style={{ gap: 8 }}>
          {fields.map((field) => (
            <Card size="small" key={field.key}>
              <div className="spread" style={{ alignItems: "flex-start", gap: 10 }}>
                <Attachment name={field.name} path={[...path, field.name]} />
                <Button
                  type="text"
                  icon={<DeleteOutlined />}
                  aria-label={t.remove}
                  onClick={() => change.remove(field.name)}
                />
              </div>
            </Card>
          ))}
          {fields.length < 9 ? (
            <div>
              <Dropdown
                menu={{
                  items: optionsOf(t.kinds).map(({ value, label }) => ({ key: value, label })),
                  onClick: ({ key }) => change.add({ kind: key }),
                }}
              >
                <Button size="small">{t.addAttachment}</Button>
              </Dropdown>
            </div>
          ) : null}
        </div>
      )}
    </Form.List>
  );
}

function Attachment({ name, path }: { name: number; path: (string | number)[] }) {
  const t = useT().growth;
  const form = Form.useFormInstance();
  const kind = (Form.useWatch([...path, "kind"], form) as string | undefined) ?? "image";
  const text = (field: string, label: string, isRequired = false) => (
    <Form.Item name={[name, field]} noStyle rules={[{ required: isRequired }]}>
      <Input placeholder={label} aria-label={label} />
    </Form.Item>
  );
  return (
    <div className="stack" style={{ flex: 1, gap: 8, minWidth: 0 }}>
      <Form.Item name={[name, "kind"]} hidden>
        <Input />
      </Form.Item>
      <span className="muted small">{t.kinds[kind]}</span>
      {kind === "link" || kind === "mini_program" ? text("title", t.linkTitle, true) : null}
      {kind === "link" ? (
        <>
          {text("url", t.url, true)}
          {text("description", t.describe)}
        </>
      ) : null}
      {kind === "mini_program" ? (
        <>
          {text("app_id", t.appId, true)}
          {text("page", t.pagePath, true)}
        </>
      ) : null}
      {kind === "link" ? null : (
        <Form.Item name={[name, "material"]} noStyle rules={[{ required: true }]}>
          <MaterialInput kind={kind === "mini_program" ? "image" : kind} />
        </Form.Item>
      )}
    </div>
  );
}

interface MaterialInputProps {
  kind: string;
  value?: number | null;
  onChange?: (id: number | undefined) => void;
}

/** A file of ours: one that is there, or a new one. */
export function MaterialInput({ kind, value, onChange }: MaterialInputProps) {
  const t = useT().growth;
  const { message } = App.useApp();
  const queries = useQueryClient();
  const files = $api.useQuery("get", "/api/materials", { params: { query: { kind } } });
  const send = async (file: File) => {
    const form = new FormData();
    form.set("file", file);
    form.set("kind", kind);
    const { data, error } = await client.POST("/api/materials", {
      body: form as never,
      bodySerializer: (body: unknown) => body as FormData,
    });
    if (!data) {
      message.error(problemOf(error).title);
      return;
    }
    await queries.invalidateQueries({
      predicate: ({ queryKey }) => queryKey[1] === "/api/materials",
    });
    onChange?.(data.id);
  };
  return (
    <div className="row tight" style={{ flexWrap: "nowrap" }}>
      <Select
        allowClear
        placeholder={t.chooseFile}
        aria-label={t.chooseFile}
        value={value ?? null}
        options={(files.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
        onChange={(id) => onChange?.(id ?? undefined)}
        style={{ flex: 1, minWidth: 0 }}
      />
      <Upload
        showUploadList={false}
        beforeUpload={(file) => {
          void send(file);
          return false;
        }}
      >
        <Button icon={<UploadOutlined />}>{t.upload}</Button>
      </Upload>
    </div>
  );
}
