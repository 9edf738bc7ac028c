/** Pages on which customers find their group by a word. */
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Card, Drawer, Form, Input, Select, Switch, Tag } from "antd";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { useT } from "../locale";
import { CardList, type Editing } from "./CardList";
import { useCodeOptions } from "./choices";

type KeywordPage = Row<"/api/keyword-pages">;
type Values = Pick<KeywordPage, "name" | "title" | "text" | "entries" | "is_active">;

export function Keywords() {
  const { keywords } = useT().groups;
  const found = $api.useQuery("get", "/api/keyword-pages");
  return (
    <CardList
      query={found}
      words={keywords}
      card={(page, onEdit) => <PageCard page={page} onEdit={onEdit} />}
      form={(page, onClose) => <PageForm page={page} onClose={onClose} />}
    />
  );
}

function PageCard({ page, onEdit }: { page: KeywordPage; onEdit: () => void }) {
  const t = useT();
  const words = t.groups.keywords;
  const may = useMay();
  return (
    <Card>
      <div className="stack" style={{ gap: 10, opacity: page.is_active ? 1 : 0.6 }}>
        <span className="strong break">{page.name}</span>
        <a href={page.page_path} target="_blank" rel="noreferrer" className="break small">
          {page.page_path}
        </a>
        <span className="row" style={{ flexWrap: "wrap", gap: 4 }}>
          {page.entries
            .flatMap((entry) => entry.keywords)
            .map((word) => (
              <Tag key={word}>{word}</Tag>
            ))}
        </span>
        <span className="muted small">
          {words.asked} {page.asked} · {words.missed} {page.missed}
        </span>
        {may("group:write") ? (
          <Button size="small" onClick={onEdit}>
            {words.edit}
          </Button>
        ) : null}
      </div>
    </Card>
  );
}

function PageForm({ page, onClose }: { page: Editing<KeywordPage>; onClose: () => void }) {
  const t = useT();
  const words = t.groups.keywords;
  const act = useAct();
  const [form] = Form.useForm<Values>();
  const saved = act(["/api/keyword-pages"], undefined, onClose);
  const create = $api.useMutation("post", "/api/keyword-pages", saved);
  const update = $api.useMutation("put", "/api/keyword-pages/{page_id}", saved);
  const submit = (values: Values) => {
    const body = {
      ...values,
      text: values.text ?? "",
      entries: values.entries.map((one) => ({ ...one, title: one.title ?? "", asked: 0 })),
    };
    if (page === "new") create.mutate({ body });
    else if (page) update.mutate({ params: { path: { page_id: page.id } }, body });
  };
  const initial = page === "new" || !page ? { is_active: true, entries: [{ keywords: [] }] } : page;
  return (
    <Drawer
      title={page === "new" ? words.add : words.edit}
      open={page !== null}
      onClose={onClose}
      size={560}
      destroyOnHidden
      footer={
        <Button
          type="primary"
          loading={create.isPending || update.isPending}
          onClick={() => form.submit()}
        >
          {t.kit.save}
        </Button>
      }
    >
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        clearOnDestroy
        initialValues={initial}
        onFinish={submit}
      >
        <Form.Item name="name" label={words.pageName} rules={[{ required: true }]}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="title" label={t.groups.codes.pageTitle} rules={[{ required: true }]}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="text" label={t.groups.codes.pageText}>
          <Input maxLength={300} />
        </Form.Item>
        <Form.Item name="is_active" label={words.active} valuePropName="checked">
          <Switch />
        </Form.Item>
        <Entries />
      </Form>
    </Drawer>
  );
}

function Entries() {
  const words = useT().groups.keywords;
  const codes = useCodeOptions();
  return (
    <Form.List name="entries">
      {(fields, { add, remove }) => (
        <div className="stack">
          {fields.map((field) => (
            <Card key={field.key} size="small">
              <Form.Item
                name={[field.name, "keywords"]}
                label={words.words}
                rules={[{ required: true }]}
              >
                <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[",", "，"]} />
              </Form.Item>
              <Form.Item
                name={[field.name, "code_id"]}
                label={words.code}
                rules={[{ required: true }]}
              >
                <Select options={codes} />
              </Form.Item>
              <Form.Item name={[field.name, "title"]} label={words.entryTitle}>
                <Input maxLength={64} />
              </Form.Item>
              {fields.length > 1 ? (
                <Button
                  size="small"
                  danger
                  icon={<DeleteOutlined />}
                  onClick={() => remove(field.name)}
                />
              ) : null}
            </Card>
          ))}
          <Button icon={<PlusOutlined />} onClick={() => add({ keywords: [] })}>
            {words.addEntry}
          </Button>
        </div>
      )}
    </Form.List>
  );
}
