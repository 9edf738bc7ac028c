/** What a tab keeps, as cards: how to make the first one, and the form of the one being edited. */
import { Button, Card } from "antd";
import { Fragment, type ReactNode, useState } from "react";
import { useMay } from "../core/session";
import { Answer, EmptyState } from "../kit/States";

/** What the form is open for; null while it is closed. */
export type Editing<T> = T | "new" | null;

interface CardListProps<T> {
  query: {
    data: { items: T[] } | undefined;
    error: unknown;
    isPending: boolean;
    refetch: () => unknown;
  };
  words: { add: string; empty: string; emptyHint: string };
  card: (item: T, onEdit: () => void) => ReactNode;
  form: (editing: Editing<T>, onClose: () => void) => ReactNode;
}

export function CardList<T extends { id: number }>({ query, words, card, form }: CardListProps<T>) {
  const may = useMay();
  const [editing, setEditing] = useState<Editing<T>>(null);
  const add = may("group:write") ? (
    <Button type="primary" onClick={() => setEditing("new")}>
      {words.add}
    </Button>
  ) : null;
  return (
    <div className="stack">
      <Answer query={query} rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <EmptyState title={words.empty} hint={words.emptyHint} action={add} />
            </Card>
          ) : (
            <>
              <div>{add}</div>
              <div className="grid cards">
                {items.map((item) => (
                  <Fragment key={item.id}>{card(item, () => setEditing(item))}</Fragment>
                ))}
              </div>
            </>
          )
        }
      </Answer>
      {form(editing, () => setEditing(null))}
    </div>
  );
}
