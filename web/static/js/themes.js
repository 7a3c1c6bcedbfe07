// The theme that a person chose on this device: system, light or dark.
const KEY = "ringbook.theme";

function chosen() {
  try { return localStorage.getItem(KEY) ?? document.documentElement.dataset.theme ?? "system"; } catch { return "system"; }
}

function apply(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  }
}

export function startThemes() {
  apply(chosen());
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    try { localStorage.setItem(KEY, button.dataset.themeChoice); } catch { /* holds for this page only */ }
    apply(button.dataset.themeChoice);
  });
  addEventListener("storage", (event) => { if (event.key === KEY) apply(event.newValue ?? "system"); });
}
