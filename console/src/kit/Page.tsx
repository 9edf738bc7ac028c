/** The head and body every page has. */
import { type ReactNode, useEffect } from "react";

interface PageProps {
  title: ReactNode;
  name?: string;
  lead?: ReactNode;
  extra?: ReactNode;
  children: ReactNode;
}

export function Page({ title, name, lead, extra, children }: PageProps) {
  const heading = name ?? (typeof title === "string" ? title : "");
  useEffect(() => {
    document.title = heading ? `${heading} · Siyu 私域` : "Siyu 私域";
  }, [heading]);
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{title}</h1>
          {lead ? <p>{lead}</p> : null}
        </div>
        {extra ? <div className="actions">{extra}</div> : null}
      </header>
      <div className="stack">{children}</div>
    </>
  );
}
