/** Every word about one field of a customer, the latest first. */
import { Drawer, Tag, Timeline } from "antd";
import { $api } from "../api/client";
import { Pager, useCursors } from "../kit/Records";
import { Answer, EmptyState } from "../kit/States";
import { useIsPhone } from "../kit/screen";
import { Time } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { type Field, useFieldName, useFieldText } from "./value";

interface FieldHistoryProps {
  customerId: number;
  field: Field | null;
  onClose: () => void;
}

export function FieldHistory({ customerId, field, onClose }: FieldHistoryProps) {
  const t = useT().fields;
  const name = useFieldName();
  const isPhone = useIsPhone();
  return (
    <Drawer
      title={field ? t.historyOf(name(field)) : ""}
      open={field !== null}
      onClose={onClose}
      size={isPhone ? "100%" : 480}
      destroyOnHidden
    >
      {field ? <Words customerId={customerId} field={field} /> : null}
    </Drawer>
  );
}

function Words({ customerId, field }: { customerId: number; field: Field }) {
  const t = useT().fields;
  const text = useFieldText();
  const cursors = useCursors();
  const page = $api.useQuery("get", "/api/customers/{customer_id}/fields/{key}/history", {
    params: {
      path: { customer_id: customerId, key: field.key },
      query: { cursor: cursors.cursor ?? "", limit: 50 },
    },
  });
  return (
    <Answer query={page}>
      {(data) =>
        data.items.length === 0 ? (
          <EmptyState title={t.historyEmpty} />
        ) : (
          <>
            <p className="muted small">{labelOf(t.rules, field.rule)}</p>
            <Timeline
              items={data.items.map((word) => ({
                color: word.reason ? "red" : word.is_current ? "green" : "gray",
                content: (
                  <div data-testid="field-word">
                    <div className="row tight">
                      <span className={word.is_current ? "strong break" : "break"}>
                        {word.mode === "unset"
                          ? labelOf(t.modes, "unset")
                          : text(field, word.value)}
                      </span>
                      {word.mode !== "set" && word.mode !== "unset" ? (
                        <Tag>{labelOf(t.modes, word.mode)}</Tag>
                      ) : null}
                      {word.is_current ? <Tag color="green">{t.current}</Tag> : null}
                      {word.reason ? (
                        <Tag color="red">{`${t.rejected} · ${labelOf(t.reasons, word.reason)}`}</Tag>
                      ) : null}
                    </div>
                    <div className="muted small">
                      {word.source} · <Time at={word.at} />
                    </div>
                  </div>
                ),
              }))}
            />
            <Pager cursors={cursors} next={data.next_cursor} />
          </>
        )
      }
    </Answer>
  );
}
