// Runs before the first paint: the person's theme and reading size, kept in this browser.
(() => {
  const root = document.documentElement;
  const stored = (key) => {
    try { return localStorage.getItem(key); } catch { return null; }
  };
  const theme = stored("reviewtool.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const size = Number(stored("reviewtool.reading"));
  if (size >= 14 && size <= 28) root.style.setProperty("--reading", `${size}px`);
})();
