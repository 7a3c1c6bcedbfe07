// <button data-opens="id"> opens that <dialog>; data-closes closes the one around it. Menus (<details class="menu">) close by themselves.

function closeMenus(except = null) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}

function onClick(event) {
  closeMenus(event.target.closest("details.menu"));
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (event.target.matches("dialog[open]")) event.target.close(); // the backdrop belongs to the dialog
  const copier = event.target.closest("[data-copies]");
  if (copier) copy(copier);
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    toast(button.dataset.copied, "good");
  } catch {
    getSelection().selectAllChildren(source); // no clipboard without https: the text is ready for Ctrl+C
  }
}

/** Shows `text` at the foot of the page for a while; errors stay until they are clicked. */
export function toast(text, kind = "info") {
  const note = document.createElement("p");
  note.className = `toast toast--${kind}`;
  note.textContent = text;
  note.addEventListener("click", () => note.remove());
  document.getElementById("toasts")?.append(note);
  if (kind !== "bad") setTimeout(() => note.remove(), 6000);
}

export function startDialogs() {
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details.menu")));
}
