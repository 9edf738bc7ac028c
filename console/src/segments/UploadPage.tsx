/** A new segment from a list of phones or other identities. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Card, Input } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { client } from "../api/client";
import { problemOf } from "../api/problem";
import { Page } from "../kit/Page";
import { useT } from "../locale";
import { ListForm } from "./ListForm";
import { asForm, type Choice, formOf, isTold, type Made, type Source } from "./listing";
import { Title } from "./SegmentEditorPage";
import { UploadReport } from "./UploadReport";

export default function UploadPage() {
  const t = useT();
  const words = t.segments.list;
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [source, setSource] = useState<Source>({ file: null, text: "" });
  const [choice, setChoice] = useState<Choice | null>(null);
  const [isSending, setSending] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const send = async () => {
    if (!choice) return;
    setSending(true);
    const body = formOf(source, { name: name.trim(), ...choice }) as never;
    const { data, error } = await client.POST("/api/segments/lists", { body, ...asForm });
    setSending(false);
    if (data) {
      setMade(data);
      message.success(words.done);
      queries.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/api/segments"),
      });
    } else message.error(t.kit.failed(problemOf(error).title));
  };
  return (
    <Page title={<Title text={words.title} />} name={words.title} lead={words.lead}>
      <Card>
        {made ? (
          <div className="stack">
            <UploadReport segment={made.segment_id} upload={made.upload} />
            <Link to={`/segments/${made.segment_id}`}>
              <Button type="primary">{words.open}</Button>
            </Link>
          </div>
        ) : (
          <div className="stack">
            <Input
              size="large"
              maxLength={64}
              aria-label={t.segments.name}
              placeholder={t.segments.name}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
            <ListForm source={source} onSource={setSource} onChoice={setChoice} />
            <div>
              <Button
                type="primary"
                loading={isSending}
                disabled={!name.trim() || !isTold(source) || !choice}
                onClick={send}
              >
                {words.create}
              </Button>
            </div>
          </div>
        )}
      </Card>
    </Page>
  );
}
