// Keys that work everywhere: "/" to the search, "?" to the help, Alt+1 to Alt+9 to the menu,
// 1 to 9 inside [data-number-keys] to its choices, Ctrl+Enter sends the form one writes in.

/** Whether a plain letter typed now would be text. */
export function isTyping(target) {
  return target.isContentEditable || target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit], [type=range])");
}

function openHelp() {
  const dialog = document.getElementById("keys-dialog");
  if (!dialog || dialog.open) return;
  const list = dialog.querySelector("[data-keys-list]");
  for (const template of document.querySelectorAll("template[data-page-keys]")) {
    list.append(template.content);
    template.remove();
  }
  dialog.showModal();
}

function toMenu(event) {
  document.querySelectorAll(".rail-links a")[Number(event.code.slice(5)) - 1]?.click();
}

function chooseByNumber(event) {
  const group = event.target.closest("[data-number-keys]") ?? document.querySelector("[data-number-keys]");
  const choice = group?.querySelectorAll("input")[Number(event.key) - 1];
  if (!choice) return;
  event.preventDefault();
  choice.focus();
  choice.click();
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return event.target.closest("form")?.requestSubmit();
  if (event.altKey && !event.ctrlKey && /^Digit[1-9]$/.test(event.code)) return toMenu(event);
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "/") {
    event.preventDefault();
    document.querySelector("[data-search]")?.select();
  } else if (event.key === "?") openHelp();
  else if (/^[1-9]$/.test(event.key)) chooseByNumber(event);
}

export function startKeys() {
  document.addEventListener("keydown", onKey);
}
