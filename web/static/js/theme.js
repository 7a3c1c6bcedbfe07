// Runs before anything is painted, so that a chosen theme never flashes the other one.
try {
  const theme = localStorage.getItem("ringbook.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  if (theme === "system") delete document.documentElement.dataset.theme;
} catch { /* storage is switched off: the system's theme it is */ }
