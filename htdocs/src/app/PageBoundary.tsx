import { Component, type ReactNode } from "react";
import { EmptyState } from "../shared/ui/EmptyState";
import { strings } from "../strings/app";

/** A page that throws takes nothing else down. That also happens when the pages were renewed on the server and an old page's parts are gone. */
export class PageBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <EmptyState title={strings.crashed} page>
        <p>{strings.crashedHint}</p>
        <button type="button" className="primary" onClick={() => location.reload()}>
          {strings.reload}
        </button>
      </EmptyState>
    );
  }
}
