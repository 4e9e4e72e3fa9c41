import type { ReactNode } from "react";

/** `page`: there is nothing else on the page, so that its title is the heading. */
export function EmptyState({ title, children, page }: { title: string; children?: ReactNode; page?: boolean }) {
  return (
    <div className="empty">
      {page ? <h1 className="empty-title">{title}</h1> : <p className="empty-title">{title}</p>}
      {children}
    </div>
  );
}
