/** A list to send: a file or pasted text, and which column names people by what. */
import { InboxOutlined } from "@ant-design/icons";
import { Alert, Input, Segmented, Select, Spin, Upload } from "antd";
import { useDeferredValue, useEffect, useRef, useState } from "react";
import { problemOf } from "../api/problem";
import { useLanguage, useT } from "../locale";
import { type Choice, type Inspection, type Source, useInspection } from "./listing";

interface ListFormProps {
  source: Source;
  onSource: (source: Source) => void;
  /** The choice as made or as guessed; null while nothing is certain. */
  onChoice: (choice: Choice | null) => void;
}

const NOTHING: Source = { file: null, text: "" };

export function ListForm({ source, onSource, onChoice }: ListFormProps) {
  const t = useT().segments.list;
  const [way, setWay] = useState<"file" | "paste">("file");
  const change = (next: Source) => {
    onChoice(null);
    onSource(next);
  };
  return (
    <div className="stack">
      <Segmented
        value={way}
        options={[
          { value: "file", label: t.file },
          { value: "paste", label: t.paste },
        ]}
        onChange={(next: "file" | "paste") => {
          setWay(next);
          change(NOTHING);
        }}
      />
      {way === "file" ? (
        <Upload.Dragger
          accept=".csv,.txt,.tsv,.xlsx,.xls"
          maxCount={1}
          beforeUpload={(file) => {
            change({ file, text: "" });
            return false;
          }}
          onRemove={() => change(NOTHING)}
          fileList={
            source.file ? [{ uid: "1", name: source.file.name, status: "done" as const }] : []
          }
        >
          <p className="ant-upload-drag-icon">
            <InboxOutlined />
          </p>
          <p className="ant-upload-text">{t.drop}</p>
          <p className="ant-upload-hint">{t.dropHint}</p>
        </Upload.Dragger>
      ) : (
        <Input.TextArea
          rows={8}
          maxLength={500_000}
          aria-label={t.paste}
          placeholder={t.pasteHint}
          value={source.text}
          onChange={(event) => change({ file: null, text: event.target.value })}
        />
      )}
      <Columns source={source} onChoice={onChoice} />
    </div>
  );
}

function Columns({ source, onChoice }: Pick<ListFormProps, "source" | "onChoice">) {
  const t = useT().segments.list;
  const settled = useDeferredValue(source);
  const inspection = useInspection(settled);
  if (inspection.error)
    return <Alert type="error" showIcon title={problemOf(inspection.error).title} />;
  if (inspection.isLoading)
    return (
      <div className="row muted">
        <Spin size="small" /> {t.reading}
      </div>
    );
  if (!inspection.data) return null;
  return (
    <Chooser key={inspection.dataUpdatedAt} inspection={inspection.data} onChoice={onChoice} />
  );
}

function guessOf(inspection: Inspection): Choice | null {
  const best = inspection.columns.find((column) => column.index === inspection.best);
  return best ? { kind: best.kind, column: best.index } : null;
}

interface ChooserProps {
  inspection: Inspection;
  onChoice: (choice: Choice | null) => void;
}

function Chooser({ inspection, onChoice }: ChooserProps) {
  const t = useT().segments.list;
  const language = useLanguage();
  const guess = guessOf(inspection);
  const [column, setColumn] = useState(guess?.column ?? 0);
  const [kind, setKind] = useState(guess?.kind ?? "");
  const tell = useRef(onChoice);
  tell.current = onChoice;
  useEffect(() => tell.current(kind ? { kind, column } : null), [kind, column]);
  const found = inspection.columns.find((one) => one.index === column);
  const set = (nextColumn: number, nextKind: string) => {
    setColumn(nextColumn);
    setKind(nextKind);
  };
  return (
    <div className="stack" style={{ gap: 8 }} data-testid="list-columns">
      {guess ? null : <Alert type="warning" showIcon title={t.unknownColumn} />}
      <div className="row">
        <span className="muted">{t.column}</span>
        <Select
          style={{ minWidth: 200 }}
          aria-label={t.column}
          value={column}
          options={inspection.columns.map((one) => ({
            value: one.index,
            label: `${one.name || t.columnName(one.index + 1)} · ${one.sample.join(" / ")}`,
          }))}
          onChange={(next) =>
            set(next, inspection.columns.find((one) => one.index === next)?.kind || kind)
          }
        />
        <span className="muted">{t.kindLabel}</span>
        <Select
          style={{ minWidth: 180 }}
          showSearch={{ optionFilterProp: "label" }}
          aria-label={t.kindLabel}
          value={kind || null}
          options={inspection.kinds.map((one) => ({
            value: one.value,
            label: language === "zh" ? one.zh : one.en,
          }))}
          onChange={(next) => set(column, next)}
        />
      </div>
      {found && found.kind === kind ? (
        <div className="muted small">{t.known(found.known, found.seen)}</div>
      ) : null}
    </div>
  );
}
