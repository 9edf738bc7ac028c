/** A look at the message on one phone, where the platform offers that. */
import { App, Card } from "antd";
import { $api } from "../api/client";
import { problemOf } from "../api/problem";
import { AskCustomer } from "../kit/AskCustomer";
import { useT } from "../locale";
import { type Choice, useChosen } from "./chosen";
import type { Broadcast } from "./looks";

type Draft = Pick<
  Broadcast,
  | "name"
  | "account"
  | "channel"
  | "text"
  | "attachments"
  | "audience"
  | "staff"
  | "scheduled_at"
  | "spread_minutes"
  | "confirm_days"
>;

interface TrialProps {
  channels: Choice[];
  /** The draft as it is in the form now; rejects when a field is wrong. */
  body: () => Promise<Draft>;
}

export function Trial({ channels, body }: TrialProps) {
  const t = useT();
  const words = t.broadcasts.trial;
  const { message } = App.useApp();
  const trial = $api.useMutation("post", "/api/broadcasts/trial");
  const send = async (customer_id: number) => {
    try {
      await trial.mutateAsync({ body: { ...(await body()), customer_id } });
      message.success(words.sent);
    } catch (error) {
      if (!("errorFields" in (error as object)))
        message.error(t.kit.failed(problemOf(error).title));
    }
  };
  if (!useChosen(channels)?.has_trial) return null;
  return (
    <Card title={words.title} data-testid="trial">
      <p className="muted small" style={{ marginTop: 0 }}>
        {words.hint}
      </p>
      <AskCustomer
        label={words.customer}
        action={words.send}
        isPending={trial.isPending}
        onAsk={send}
      />
    </Card>
  );
}
