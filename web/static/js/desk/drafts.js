// What an agent has typed and not yet stored, kept in this browser per user and call until it is.
const PREFIX = "ringbook.draft.";
const KEPT_DAYS = 14;

/** The draft under `key` ("user.call"): values by field name; empty where there is none. */
export function read(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key))?.values ?? {};
  } catch {
    return {};
  }
}

/** Keeps what the form holds; gives whether the browser took it. A form without a word is not kept: a date is none. */
export function keep(key, values) {
  try {
    const isEmpty = Object.entries(values).every(([name, value]) => !value || name === "promise_due");
    if (isEmpty) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify({ at: Date.now(), values }));
    return true;
  } catch {
    return false; // storage is full or switched off
  }
}

/** Forgets the draft: it is stored on the server now. */
export function drop(key) {
  try { localStorage.removeItem(PREFIX + key); } catch { /* nothing was kept */ }
}

/** Forgets drafts that nobody came back to. */
export function sweep() {
  try {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(PREFIX)) continue;
      const at = JSON.parse(localStorage.getItem(name))?.at ?? 0;
      if (Date.now() - at > KEPT_DAYS * 86_400_000) localStorage.removeItem(name);
    }
  } catch { /* the next visit tries again */ }
}

/** Calls `then(key)` when another tab of this browser changed a draft. */
export function onElsewhere(then) {
  addEventListener("storage", (event) => {
    if (event.key?.startsWith(PREFIX)) then(event.key.slice(PREFIX.length));
  });
}

/** What the fields of a form hold; `but` names what is never kept. */
export function valuesOf(form, but = []) {
  const values = Object.fromEntries(new FormData(form));
  for (const name of ["csrf_token", ...but]) delete values[name];
  return values;
}

/** Writes values into the fields of a form. */
export function writeInto(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field && field.value !== value) field.value = value; // a group of radios takes it too
  }
}
