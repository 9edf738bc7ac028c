/** A list of attachments as a form's value: links, pictures, mini programs, videos, files. */
import { DeleteOutlined, PlusOutlined, UploadOutlined } from "@ant-design/icons";
import { App, Button, Dropdown, Form, Input, Select, Upload } from "antd";
import { $api, client } from "../api/client";
import { problemOf } from "../api/problem";
import { useMay } from "../core/session";
import { labelOf, useT } from "../locale";

const WITH_FILE = ["image", "mini_program", "video", "file"];

interface AttachmentsProps {
  kinds: string[];
  most: number;
  /** Whose articles there are to choose from. */
  account?: string;
}

export function Attachments({ kinds, most, account = "" }: AttachmentsProps) {
  const t = useT().broadcasts.attach;
  return (
    <Form.List name="attachments">
      {(fields, { add, remove }) => (
        <div className="stack" style={{ gap: 12, marginBottom: 24 }}>
          <span>{t.title}</span>
          {fields.map((field) => (
            <div key={field.key} className="record" data-testid="attachment">
              <One index={field.name} account={account} onRemove={() => remove(field.name)} />
            </div>
          ))}
          {fields.length < most ? (
            <Dropdown
              trigger={["click"]}
              menu={{
                items: kinds.map((kind) => ({ key: kind, label: labelOf(t.kinds, kind) })),
                onClick: ({ key }) => add({ kind: key }),
              }}
            >
              <Button icon={<PlusOutlined />} style={{ alignSelf: "flex-start" }}>
                {t.add}
              </Button>
            </Dropdown>
          ) : null}
        </div>
      )}
    </Form.List>
  );
}

interface OneProps {
  index: number;
  account: string;
  onRemove: () => void;
}

function One({ index, account, onRemove }: OneProps) {
  const t = useT().broadcasts.attach;
  const kind: string = Form.useWatch(["attachments", index, "kind"]) ?? "";
  const text = (name: string, label: string, isRequired = true) => (
    <Form.Item
      name={[index, name]}
      label={label}
      rules={[{ required: isRequired }]}
      style={{ marginBottom: 8 }}
    >
      <Input />
    </Form.Item>
  );
  return (
    <>
      <div className="spread">
        <span className="strong">{labelOf(t.kinds, kind)}</span>
        <Button size="small" type="text" icon={<DeleteOutlined />} onClick={onRemove}>
          {t.remove}
        </Button>
      </div>
      <Form.Item name={[index, "kind"]} hidden>
        <Input />
      </Form.Item>
      {kind === "link" ? (
        <>
          {text("title", t.linkTitle)}
          {text("url", t.url)}
          {text("description", t.description, false)}
          {text("image_url", t.picture, false)}
        </>
      ) : null}
      {kind === "mini_program" ? (
        <>
          {text("title", t.linkTitle)}
          {text("app_id", t.appId)}
          {text("page", t.page)}
        </>
      ) : null}
      {kind === "article" ? <ArticlePicker index={index} account={account} /> : null}
      {WITH_FILE.includes(kind) ? (
        <Form.Item
          name={[index, "material"]}
          label={t.material}
          rules={[{ required: true }]}
          style={{ marginBottom: 8 }}
        >
          <MaterialPicker kind={kind === "mini_program" ? "image" : kind} />
        </Form.Item>
      ) : null}
    </>
  );
}

function ArticlePicker({ index, account }: { index: number; account: string }) {
  const t = useT().broadcasts.attach;
  const form = Form.useFormInstance();
  const list = $api.useQuery("get", "/api/broadcasts/articles", { params: { query: { account } } });
  const found = list.data?.items ?? [];
  return (
    <>
      <Form.Item name={[index, "title"]} hidden>
        <Input />
      </Form.Item>
      <Form.Item
        name={[index, "media_id"]}
        label={t.article}
        extra={t.articleHint}
        rules={[{ required: true }]}
        style={{ marginBottom: 8 }}
        {...(list.isError
          ? { validateStatus: "error" as const, help: problemOf(list.error).title }
          : {})}
      >
        <Select
          loading={list.isPending}
          placeholder={t.noArticle}
          options={found.map((one) => ({
            value: one.media_id,
            label: one.parts > 1 ? t.articles(one.title, one.parts) : one.title,
          }))}
          onChange={(id: string) =>
            form.setFieldValue(
              ["attachments", index, "title"],
              found.find((one) => one.media_id === id)?.title ?? "",
            )
          }
        />
      </Form.Item>
    </>
  );
}

interface PickerProps {
  kind: string;
  value?: number;
  onChange?: (id: number) => void;
}

export function MaterialPicker({ kind, value, onChange }: PickerProps) {
  const t = useT();
  const may = useMay();
  const { message } = App.useApp();
  const list = $api.useQuery("get", "/api/materials", { params: { query: { kind } } });
  const upload = async (file: File) => {
    const form = new FormData();
    form.append("file", file);
    form.append("kind", kind);
    const { data, error } = await client.POST("/api/materials", {
      body: form as never,
      bodySerializer: (body: unknown) => body as FormData,
    });
    if (error || !data) {
      message.error(t.kit.failed(problemOf(error).title));
      return;
    }
    await list.refetch();
    onChange?.(data.id);
  };
  return (
    <div className="row tight">
      <Select
        style={{ minWidth: 180, flex: 1 }}
        {...(value === undefined ? {} : { value })}
        onChange={(id: number) => onChange?.(id)}
        placeholder={t.broadcasts.attach.noMaterial}
        options={(list.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
      />
      {may("material:write") ? (
        <Upload
          showUploadList={false}
          beforeUpload={(file) => {
            upload(file);
            return false;
          }}
        >
          <Button icon={<UploadOutlined />}>{t.broadcasts.attach.upload}</Button>
        </Upload>
      ) : null}
    </div>
  );
}
