/** A list of records: a table on a desk, cards on a phone, with forward and back. */
import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button, Card, Skeleton, Table, type TableColumnsType } from "antd";
import { type ReactNode, useState } from "react";
import { useT } from "../locale";
import { useIsPhone } from "./screen";

/** Keyset paging: the cursors of the pages seen, so that one can go back. */
export function useCursors(): {
  cursor: string | undefined;
  page: number;
  forward: (next: string) => void;
  back: () => void;
  reset: () => void;
} {
  const [seen, setSeen] = useState<string[]>([]);
  return {
    cursor: seen.at(-1),
    page: seen.length + 1,
    forward: (next) => setSeen([...seen, next]),
    back: () => setSeen(seen.slice(0, -1)),
    reset: () => setSeen([]),
  };
}

interface PagerProps {
  cursors: ReturnType<typeof useCursors>;
  next: string | null | undefined;
}

export function Pager({ cursors, next }: PagerProps) {
  const t = useT().kit;
  if (cursors.page === 1 && !next) return null;
  return (
    <div className="row" style={{ justifyContent: "flex-end", marginTop: 14 }}>
      <Button
        icon={<LeftOutlined />}
        disabled={cursors.page === 1}
        onClick={cursors.back}
        aria-label={t.previous}
      />
      <span className="muted num">{t.pageNumber(cursors.page)}</span>
      <Button
        icon={<RightOutlined />}
        disabled={!next}
        onClick={() => next && cursors.forward(next)}
        aria-label={t.next}
      />
    </div>
  );
}

interface RecordsProps<T> {
  rows: T[] | undefined;
  rowKey: (row: T) => string | number;
  columns: TableColumnsType<T>;
  card: (row: T) => ReactNode;
  empty: ReactNode;
  isLoading?: boolean;
  onOpen?: (row: T) => void;
  pager?: ReactNode;
  minWidth?: number;
}

export function Records<T extends object>(props: RecordsProps<T>) {
  const isPhone = useIsPhone();
  if (props.rows === undefined) {
    return (
      <Card>
        <Skeleton active title={false} paragraph={{ rows: 8 }} />
      </Card>
    );
  }
  if (props.rows.length === 0) {
    return (
      <Card>
        {props.empty}
        {props.pager}
      </Card>
    );
  }
  return isPhone ? <Cards {...props} rows={props.rows} /> : <Rows {...props} rows={props.rows} />;
}

function Cards<T extends object>({
  rows,
  rowKey,
  card,
  onOpen,
  pager,
}: RecordsProps<T> & { rows: T[] }) {
  return (
    <div>
      <div className="records">
        {rows.map((row) =>
          onOpen ? (
            <button type="button" className="record" key={rowKey(row)} onClick={() => onOpen(row)}>
              {card(row)}
            </button>
          ) : (
            <div className="record" key={rowKey(row)}>
              {card(row)}
            </div>
          ),
        )}
      </div>
      {pager}
    </div>
  );
}

function Rows<T extends object>(props: RecordsProps<T> & { rows: T[] }) {
  const { rows, rowKey, columns, isLoading, onOpen, pager, minWidth = 760 } = props;
  return (
    <Card
      styles={{ body: { padding: 0, paddingBottom: pager ? 14 : 0 } }}
      style={{ overflow: "hidden" }}
    >
      <Table<T>
        rowKey={rowKey}
        columns={columns}
        dataSource={rows}
        loading={isLoading ?? false}
        pagination={false}
        scroll={{ x: minWidth }}
        rowClassName={onOpen ? "is-link" : ""}
        onRow={(row) => (onOpen ? { onClick: () => onOpen(row) } : {})}
      />
      {pager ? <div style={{ paddingRight: 16 }}>{pager}</div> : null}
    </Card>
  );
}
