/** Daily limits of single members of staff, which go before the limit of all. */
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, InputNumber, Select } from "antd";
import { useT } from "../locale";
import type { Option } from "./choices";

type Caps = Record<string, number>;

interface CapsInputProps {
  options: Option[];
  value?: Caps;
  onChange?: (caps: Caps) => void;
}

export function CapsInput({ options, value = {}, onChange }: CapsInputProps) {
  const t = useT().growth;
  const rows = Object.entries(value);
  const change = (made: [string, number][]) => onChange?.(Object.fromEntries(made));
  const free = options.filter((option) => !(option.value in value));
  return (
    <div className="stack" style={{ gap: 8 }}>
      {rows.map(([staff, cap]) => (
        <div key={staff} className="row tight" style={{ flexWrap: "nowrap" }}>
          <Select
            aria-label={t.capOf}
            value={staff}
            options={options.filter((option) => option.value === staff || free.includes(option))}
            onChange={(other) =>
              change(rows.map(([one, many]) => [one === staff ? other : one, many]))
            }
            showSearch={{ optionFilterProp: "label" }}
            style={{ flex: 1, minWidth: 0 }}
          />
          <InputNumber
            aria-label={t.capNumber}
            min={1}
            max={100_000}
            value={cap}
            onChange={(many) =>
              change(rows.map(([one, before]) => [one, one === staff ? (many ?? 1) : before]))
            }
            style={{ width: 100 }}
          />
          <Button
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t.remove}
            onClick={() => change(rows.filter(([one]) => one !== staff))}
          />
        </div>
      ))}
      <div>
        <Button
          size="small"
          icon={<PlusOutlined />}
          disabled={free.length === 0}
          onClick={() => free[0] && change([...rows, [free[0].value, 10]])}
        >
          {t.addCap}
        </Button>
      </div>
    </div>
  );
}
