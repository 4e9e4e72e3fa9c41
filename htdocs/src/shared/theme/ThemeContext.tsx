import { createContext, type ReactNode, use, useEffect, useMemo, useState } from "react";

export type Theme = "light" | "dark" | "system";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

const ThemeContext = createContext<{ theme: Theme; themes: readonly Theme[]; setTheme: (theme: Theme) => void } | null>(
  null,
);

function storedTheme(): Theme {
  const value = document.documentElement.dataset.theme;
  return value === "light" || value === "dark" ? value : "system";
}

/** public/theme.js has put a stored choice on <html> before the first paint; this keeps both in step from then on. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const [theme, setTheme] = useState(storedTheme);
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Storage is blocked: the choice lasts as long as the page.
    }
  }, [theme]);
  const value = useMemo(() => ({ theme, themes: THEMES, setTheme }), [theme]);
  return <ThemeContext value={value}>{children}</ThemeContext>;
}

export function useTheme() {
  const value = use(ThemeContext);
  if (!value) throw new Error("useTheme needs a ThemeProvider");
  return value;
}
