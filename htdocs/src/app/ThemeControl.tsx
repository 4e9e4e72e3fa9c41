import { useTheme } from "../shared/theme/ThemeContext";
import { Icon } from "../shared/ui/Icon";
import { strings } from "../strings/app";

export function ThemeControl() {
  const { theme, themes, setTheme } = useTheme();
  return (
    <div className="theme">
      <Icon name={theme} />
      <select
        aria-label={strings.theme}
        value={theme}
        onChange={(event) => {
          const chosen = themes.find((each) => each === event.target.value);
          if (chosen) setTheme(chosen);
        }}
      >
        {themes.map((each) => (
          <option key={each} value={each}>
            {strings.themes[each]}
          </option>
        ))}
      </select>
    </div>
  );
}
