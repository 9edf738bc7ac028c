/** Loading, empty and failed: each says what to do next. */
import { Button, Empty, Result, Skeleton } from "antd";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { isGone, problemOf } from "../api/problem";
import { useT } from "../locale";

interface EmptyStateProps {
  title: string;
  hint?: string;
  action?: ReactNode;
}

export function EmptyState({ title, hint, action }: EmptyStateProps) {
  return (
    <Empty
      image={<Sprout />}
      styles={{ image: { height: 72 } }}
      style={{ padding: "28px 8px" }}
      description={
        <div>
          <div className="strong">{title}</div>
          {hint ? <div className="muted small">{hint}</div> : null}
        </div>
      }
    >
      {action}
    </Empty>
  );
}

function Sprout() {
  return (
    <svg viewBox="0 0 96 72" width="96" height="72" aria-hidden="true">
      <ellipse cx="48" cy="62" rx="34" ry="6" fill="var(--soft)" />
      <path d="M48 62V34" stroke="var(--tea)" strokeWidth="2.5" strokeLinecap="round" />
      <path d="M48 40C30 40 24 28 24 18c14 0 24 8 24 22Z" fill="var(--tea)" opacity=".35" />
      <path d="M48 34c0-14 10-22 24-22 0 12-8 22-24 22Z" fill="var(--tea)" opacity=".65" />
      <circle cx="72" cy="12" r="4" fill="var(--camellia)" />
    </svg>
  );
}

interface ErrorStateProps {
  error: unknown;
  onRetry?: () => void;
}

export function ErrorState({ error, onRetry }: ErrorStateProps) {
  const t = useT().kit.errors;
  const problem = problemOf(error);
  const advice =
    problem.status === 403
      ? t.forbidden
      : problem.status === 404
        ? t.missing
        : problem.code === "network"
          ? t.network
          : problem.status >= 500
            ? t.server
            : problem.title;
  return (
    <Result
      className="error-state"
      data-testid="error-state"
      status={problem.status === 403 ? "403" : problem.status === 404 ? "404" : "warning"}
      title={problem.status === 404 ? t.missingTitle : t.title}
      subTitle={advice}
      extra={
        onRetry ? (
          <Button type="primary" onClick={onRetry}>
            {t.retry}
          </Button>
        ) : undefined
      }
    />
  );
}

interface GoneStateProps {
  back: string;
  to: string;
}

/** A record that was deleted: says so and leads back to its list. */
export function GoneState({ back, to }: GoneStateProps) {
  const t = useT().kit.errors;
  const navigate = useNavigate();
  return (
    <Result
      data-testid="gone-state"
      status="404"
      title={t.goneTitle}
      subTitle={t.gone}
      extra={
        <Button type="primary" onClick={() => navigate(to)}>
          {back}
        </Button>
      }
    />
  );
}

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

interface AnswerProps<T> {
  query: Asked<T>;
  rows?: number;
  loading?: ReactNode;
  /** Shown instead of the last answer, or of a failure, once the record is gone. */
  gone?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Shows a query's skeleton, its failure, or what it answered. */
export function Answer<T>({ query, rows = 4, loading, gone, children }: AnswerProps<T>) {
  if (gone && isGone(query.error)) return <>{gone}</>;
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return <>{loading ?? <Skeleton active title={false} paragraph={{ rows }} />}</>;
}
