/** A segment that shows an uploaded list: what was uploaded, and uploading again. */
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Card, Collapse, Segmented } from "antd";
import { useState } from "react";
import { $api, client } from "../api/client";
import { problemOf } from "../api/problem";
import { useMay } from "../core/session";
import { Answer, EmptyState } from "../kit/States";
import { Time } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { ListForm } from "./ListForm";
import { asForm, type Choice, formOf, isTold, type Source } from "./listing";
import { UploadReport } from "./UploadReport";

export function ListUploads({ id }: { id: number }) {
  const t = useT().segments;
  const may = useMay();
  const uploads = $api.useQuery("get", "/api/segments/{segment_id}/uploads", {
    params: { path: { segment_id: id } },
  });
  return (
    <div className="stack">
      {may("segment:write") ? <Again id={id} /> : null}
      <Card title={t.list.history}>
        <Answer query={uploads}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState title={t.growth.none} />
            ) : (
              <Collapse
                defaultActiveKey={items.slice(0, 1).map((item) => item.id)}
                items={items.map((upload) => ({
                  key: upload.id,
                  label: (
                    <span className="row">
                      <Time at={upload.at} />
                      <span>{upload.file_name || t.list.paste}</span>
                      <span className="muted">
                        {labelOf(t.list.modes, upload.mode)} · {t.list.by} {upload.actor}
                      </span>
                    </span>
                  ),
                  children: <UploadReport segment={id} upload={upload} />,
                }))}
              />
            )
          }
        </Answer>
      </Card>
    </div>
  );
}

const NOTHING: Source = { file: null, text: "" };

function Again({ id }: { id: number }) {
  const t = useT();
  const words = t.segments.list;
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [mode, setMode] = useState("add");
  const [source, setSource] = useState(NOTHING);
  const [choice, setChoice] = useState<Choice | null>(null);
  const [isSending, setSending] = useState(false);
  const send = async () => {
    if (!choice) return;
    setSending(true);
    const { data, error } = await client.POST("/api/segments/{segment_id}/uploads", {
      params: { path: { segment_id: id } },
      body: formOf(source, { mode, ...choice }) as never,
      ...asForm,
    });
    setSending(false);
    if (data) {
      message.success(words.done);
      setSource(NOTHING);
      queries.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/api/segments"),
      });
    } else message.error(t.kit.failed(problemOf(error).title));
  };
  return (
    <Card title={words.again}>
      <div className="stack">
        <ListForm source={source} onSource={setSource} onChoice={setChoice} />
        <div className="row">
          <Segmented
            value={mode}
            options={["add", "replace"].map((value) => ({
              value,
              label: labelOf(words.modes, value),
            }))}
            onChange={setMode}
          />
          <Button
            type="primary"
            loading={isSending}
            disabled={!isTold(source) || !choice}
            onClick={send}
          >
            {words.again}
          </Button>
        </div>
      </div>
    </Card>
  );
}
