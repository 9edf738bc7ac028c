/** Weekly times in a form: weekdays, from and until. */
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Card, Checkbox, Form, Input } from "antd";
import type { ReactNode } from "react";
import { useT } from "../locale";
import { ALL_WEEK, clockOf, DAY, minuteOf } from "./shapes";

interface MinuteInputProps {
  value?: number;
  onChange?: (minute: number) => void;
  isEnd?: boolean;
  label: string;
}

function MinuteInput({ value, onChange, isEnd = false, label }: MinuteInputProps) {
  return (
    <Input
      type="time"
      aria-label={label}
      value={clockOf(value ?? 0)}
      onChange={(event) => onChange?.(minuteOf(event.target.value, isEnd))}
      style={{ width: 120 }}
    />
  );
}

export function SlotInputs({ name }: { name: number }) {
  const t = useT().growth;
  const days = t.weekdays.map((label, index) => ({ value: index + 1, label }));
  return (
    <div className="row" style={{ gap: 10 }}>
      <Form.Item name={[name, "weekdays"]} noStyle>
        <Checkbox.Group options={days} />
      </Form.Item>
      <div className="row tight">
        <Form.Item name={[name, "start"]} noStyle>
          <MinuteInput label={t.from} />
        </Form.Item>
        <span className="muted">{t.until}</span>
        <Form.Item name={[name, "end"]} noStyle>
          <MinuteInput label={t.until} isEnd />
        </Form.Item>
      </div>
    </div>
  );
}

interface SlotListProps {
  name: (string | number)[];
  add: string;
  fresh?: object;
  children?: (name: number) => ReactNode;
}

/** A list of weekly times, each with what `children` adds to it. */
export function SlotList({ name, add, fresh, children }: SlotListProps) {
  const t = useT().growth;
  return (
    <Form.List name={name}>
      {(fields, change) => (
        <div className="stack" style={{ gap: 10 }}>
          {fields.map((field) => (
            <Card size="small" key={field.key}>
              <div className="stack" style={{ gap: 10 }}>
                <div className="spread" style={{ alignItems: "flex-start" }}>
                  <SlotInputs name={field.name} />
                  <Button
                    type="text"
                    icon={<DeleteOutlined />}
                    aria-label={t.remove}
                    onClick={() => change.remove(field.name)}
                  />
                </div>
                {children?.(field.name)}
              </div>
            </Card>
          ))}
          <div>
            <Button
              size="small"
              icon={<PlusOutlined />}
              onClick={() => change.add({ weekdays: ALL_WEEK, start: 0, end: DAY, ...fresh })}
            >
              {add}
            </Button>
          </div>
        </div>
      )}
    </Form.List>
  );
}
