import { useState } from "react";
import type { User } from "../../shared/api/types";
import { useKeysetList } from "../../shared/api/useKeysetList";
import { Banner, LoadError } from "../../shared/ui/Banner";
import { EmptyState } from "../../shared/ui/EmptyState";
import { useTitle } from "../../shared/ui/useTitle";
import { strings } from "../../strings/adminUsers";
import { strings as common } from "../../strings/common";
import "./AdminUsers.css";
import { UserSearch } from "./UserSearch";
import { UserTable } from "./UserTable";
import { useSearchTerm } from "./useSearchTerm";

/** Everybody who has an account; admins find them by e-mail and give them a role. */
export default function AdminUsers() {
  useTitle(strings.users);
  const [term, setTerm] = useSearchTerm();
  const list = useKeysetList<User>(term ? `/users?q=${encodeURIComponent(term)}` : "/users");
  const [failure, setFailure] = useState<string>();
  const { rows, error, loading, hasMore } = list;
  return (
    <>
      <div className="page-head">
        <h1>{strings.users}</h1>
      </div>
      <UserSearch term={term} onTerm={setTerm} />
      <p role="status" className="visually-hidden">
        {!loading && !list.stale && !error && strings.found(rows.length, hasMore)}
      </p>
      {failure && <Banner tone="bad">{failure}</Banner>}
      {error != null && <LoadError error={error} onRetry={() => void list.refresh()} />}
      {loading && <p className="loading">{common.loading}</p>}
      {!loading && !error && rows.length === 0 && (
        <EmptyState title={strings.none}>
          <p>{strings.noneHint(term)}</p>
        </EmptyState>
      )}
      {rows.length > 0 && <UserTable users={rows} busy={list.stale} onChange={list.patch} onFailure={setFailure} />}
      {hasMore && (
        <div className="actions">
          <button type="button" aria-disabled={list.loadingMore || undefined} onClick={list.more}>
            {common.more}
          </button>
        </div>
      )}
    </>
  );
}
