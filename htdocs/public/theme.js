// Before the first paint, so that a chosen theme doesn't flash. A file of its own: the Content-Security-Policy allows no inline script.
(() => {
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is blocked: the system's theme it is.
  }
})();
