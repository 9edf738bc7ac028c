/** The plan as a picture: seven days, who is on duty when. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Form, Tooltip } from "antd";
import { client } from "../api/client";
import { serverNow } from "../app/server_clock";
import { formatDay, formatTime } from "../kit/format";
import { useT } from "../locale";
import { useChoices } from "./choices";
import { isComplete, type Plan } from "./shapes";

const DAYS = 7;
const DAY_MS = 86_400_000;

export function DutyPicture() {
  const t = useT().growth;
  const form = Form.useFormInstance();
  const plan = Form.useWatch("plan", form) as Plan | undefined;
  const first = formatDay(new Date(serverNow()).toISOString());
  const answer = useQuery({
    queryKey: ["duty", first, JSON.stringify(plan)],
    enabled: plan !== undefined && isComplete(plan),
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: async () => {
      const body = { plan: plan as Plan, account: "", first, days: DAYS };
      return (await client.POST("/api/live-codes/duty", { body })).data ?? { items: [] };
    },
  });
  const items = answer.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Form.Item label={t.duty} extra={t.dutyHint}>
      <div className="duty" data-testid="duty">
        {startsOf(first).map((start) => (
          <DutyDay key={start} start={start} items={items} />
        ))}
      </div>
    </Form.Item>
  );
}

function startsOf(first: string): number[] {
  const start = Date.parse(`${first}T00:00:00+08:00`);
  return Array.from({ length: DAYS }, (_, day) => start + day * DAY_MS);
}

interface DutyItem {
  at: string;
  staff: string[];
  departments: string[];
  why: string;
  is_accepted: boolean;
}

function DutyDay({ start, items }: { start: number; items: DutyItem[] }) {
  const t = useT().growth;
  const { nameOf } = useChoices(undefined);
  const end = start + DAY_MS;
  const parts = items
    .map((item, index) => ({
      item,
      from: Math.max(start, Date.parse(item.at)),
      until: Math.min(end, index + 1 < items.length ? Date.parse(items[index + 1]?.at ?? "") : end),
    }))
    .filter((part) => part.from < part.until);
  const weekday = t.weekdays[(new Date(start + 8 * 3_600_000).getUTCDay() + 6) % 7];
  return (
    <div className="duty-day">
      <span className="muted small">
        {formatDay(new Date(start).toISOString()).slice(5)} {weekday}
      </span>
      <div className="duty-bar">
        {parts.map(({ item, from, until }) => {
          const names = item.staff.map(nameOf).join("、") || t.unattended;
          const times = `${formatTime(new Date(from).toISOString()).slice(11, 16)}–${formatTime(
            new Date(until).toISOString(),
          ).slice(11, 16)}`;
          return (
            <Tooltip
              key={item.at}
              title={`${times} ${t.whys[item.why] ?? item.why}: ${names}${
                item.is_accepted ? "" : ` · ${t.asking}`
              }`}
            >
              <div
                className={`duty-part duty-${item.why}`}
                style={{ flexGrow: (until - from) / 60_000 }}
              >
                {names}
              </div>
            </Tooltip>
          );
        })}
      </div>
    </div>
  );
}
