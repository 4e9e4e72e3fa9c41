import { useState } from "react";
import { http, toMessage } from "../../shared/api/http";
import { useToast } from "../../shared/ui/ToastContext";
import { strings } from "../../strings/adminDashboard";
import { apiQuery, type Filters } from "./filters";

/** Downloads all orders of the filter shown, in the order shown. */
export function ExportButton({ filters }: { filters: Filters }) {
  const [busy, setBusy] = useState(false);
  const toast = useToast();
  const download = async () => {
    if (busy) return;
    setBusy(true);
    try {
      // The browser would save the answer of an ended session as if it were the file.
      await http.get("/users/me");
      const link = document.createElement("a");
      link.href = `/api/orders/admin/export.csv?${apiQuery(filters)}`;
      link.download = ""; // named by the server
      link.click();
      toast({ text: strings.exportStarted });
    } catch (error) {
      toast({ text: toMessage(error), tone: "bad" });
    } finally {
      setBusy(false);
    }
  };
  return (
    <button type="button" aria-disabled={busy || undefined} onClick={() => void download()}>
      {strings.exportCsv}
    </button>
  );
}
