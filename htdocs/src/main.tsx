import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { SWRConfig } from "swr";
import { App } from "./app/App";
import { fetcher } from "./shared/api/http";
import { ShortcutProvider } from "./shared/keyboard/ShortcutContext";
import { LiveProvider } from "./shared/live/LiveContext";
import { SessionProvider } from "./shared/session/SessionContext";
import { ThemeProvider } from "./shared/theme/ThemeContext";
import { ToastProvider } from "./shared/ui/ToastContext";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/layout.css";
import "./styles/parts.css";

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      {/* What is shown stays fresh by live events; errors are shown at once, with a button to try again. */}
      <SWRConfig value={{ fetcher, shouldRetryOnError: false, revalidateOnFocus: false }}>
        <ThemeProvider>
          <ToastProvider>
            <SessionProvider>
              <LiveProvider>
                <ShortcutProvider>
                  <App />
                </ShortcutProvider>
              </LiveProvider>
            </SessionProvider>
          </ToastProvider>
        </ThemeProvider>
      </SWRConfig>
    </StrictMode>,
  );
