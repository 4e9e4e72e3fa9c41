import { Link } from "wouter";
import { EmptyState } from "../shared/ui/EmptyState";
import { useTitle } from "../shared/ui/useTitle";
import { strings } from "../strings/app";

export function NotFound() {
  useTitle(strings.notFound);
  return (
    <EmptyState title={strings.notFound} page>
      <p>{strings.notFoundHint}</p>
      <Link href="/">{strings.home}</Link>
    </EmptyState>
  );
}
