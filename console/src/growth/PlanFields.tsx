/** Who receives a code's customers, when, and how many. */
import { Form, Input, InputNumber, Segmented, Select, Switch } from "antd";
import { serverNow } from "../app/server_clock";
import { formatDay } from "../kit/format";
import { useT } from "../locale";
import { CapsInput } from "./CapsInput";
import { type Option, useChoices } from "./choices";
import { DutyPicture } from "./DutyPicture";
import { SlotList } from "./SlotFields";

function People({ name, label, options }: PeopleProps) {
  return (
    <Form.Item name={name} label={label} style={{ marginBottom: 0 }}>
      <Select
        mode="multiple"
        options={options}
        showSearch={{ optionFilterProp: "label" }}
        aria-label={label}
      />
    </Form.Item>
  );
}

interface PeopleProps {
  name: (string | number)[];
  label: string;
  options: Option[];
}

/** Who receives at a time: staff, and departments where the account has some. */
function Receivers({ name, staff, departments }: ReceiversProps) {
  const t = useT().growth;
  return (
    <>
      <People name={[name, "staff"]} label={t.staff} options={staff} />
      {departments.length > 0 ? (
        <People name={[name, "departments"]} label={t.departments} options={departments} />
      ) : null}
    </>
  );
}

interface ReceiversProps {
  name: number;
  staff: Option[];
  departments: Option[];
}

export function PlanFields({ account }: { account: string | undefined }) {
  const t = useT().growth;
  const { staff, departments } = useChoices(account);
  const acceptance = Form.useWatch(["plan", "acceptance"]);
  const today = formatDay(new Date(serverNow()).toISOString());
  return (
    <>
      <Form.Item name={["plan", "staff"]} label={t.staff} extra={t.staffHint}>
        <Select mode="multiple" options={staff} showSearch={{ optionFilterProp: "label" }} />
      </Form.Item>
      {departments.length > 0 ? (
        <Form.Item name={["plan", "departments"]} label={t.departments} extra={t.departmentsHint}>
          <Select
            mode="multiple"
            options={departments}
            showSearch={{ optionFilterProp: "label" }}
          />
        </Form.Item>
      ) : null}
      <Form.Item label={t.shifts} extra={t.shiftsHint}>
        <SlotList name={["plan", "shifts"]} add={t.addShift} fresh={{ staff: [], departments: [] }}>
          {(name) => <Receivers name={name} staff={staff} departments={departments} />}
        </SlotList>
      </Form.Item>
      <Form.Item label={t.specials} extra={t.specialsHint}>
        <SlotList
          name={["plan", "specials"]}
          add={t.addSpecial}
          fresh={{ staff: [], departments: [], first: today, last: today }}
        >
          {(name) => (
            <>
              <div className="row tight">
                <Form.Item name={[name, "first"]} noStyle>
                  <Input type="date" aria-label={t.from} style={{ width: 150 }} />
                </Form.Item>
                <span className="muted">{t.until}</span>
                <Form.Item name={[name, "last"]} noStyle>
                  <Input type="date" aria-label={t.until} style={{ width: 150 }} />
                </Form.Item>
              </div>
              <Receivers name={name} staff={staff} departments={departments} />
            </>
          )}
        </SlotList>
      </Form.Item>
      <Form.Item name={["plan", "backups"]} label={t.backups} extra={t.backupsHint}>
        <Select mode="multiple" options={staff} showSearch={{ optionFilterProp: "label" }} />
      </Form.Item>
      <Form.Item name={["plan", "cap"]} label={t.cap} extra={t.capHint}>
        <InputNumber min={1} max={100_000} style={{ width: 140 }} />
      </Form.Item>
      <Form.Item name={["plan", "caps"]} label={t.caps} extra={t.capsHint}>
        <CapsInput options={staff} />
      </Form.Item>
      <Form.Item name={["plan", "rotation"]} label={t.rotation}>
        <Segmented options={optionsOf(t.rotations)} />
      </Form.Item>
      <Form.Item name={["plan", "is_exclusive"]} label={t.exclusive} valuePropName="checked">
        <Switch />
      </Form.Item>
      <Form.Item name={["plan", "acceptance"]} label={t.acceptance}>
        <Segmented options={optionsOf(t.acceptances)} />
      </Form.Item>
      {acceptance === "slots" ? (
        <Form.Item>
          <SlotList name={["plan", "accept_slots"]} add={t.addSlot} />
        </Form.Item>
      ) : null}
      <DutyPicture />
    </>
  );
}

export function optionsOf(words: Record<string, string>): { value: string; label: string }[] {
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}
