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

/** Keeps what was written (see `written`); gives whether the browser took it. Nothing written keeps nothing. */
export function keep(key, values) {
  try {
    const isEmpty = Object.values(values).every((value) => !value);
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

/** What a person wrote or chose in a form: what its fields hold that is not what they began with. */
export function written(form) {
  const begun = new Map();
  for (const field of form.elements) if (field.name) begun.set(field.name, begunWith(field, begun.get(field.name)));
  return Object.fromEntries(Object.entries(valuesOf(form)).filter(([name, value]) => value !== (begun.get(name) ?? "")));
}

function begunWith(field, before) {
  if (field.type === "radio" || field.type === "checkbox") return field.defaultChecked ? field.value : before;
  if (field.type !== "select-one") return field.defaultValue;
  return ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value;
}

/** Puts the fields below `root` back to what they began with. */
export function unwrite(root) {
  for (const field of root.querySelectorAll("input, textarea, select")) {
    if (field.type === "radio" || field.type === "checkbox") field.checked = field.defaultChecked;
    else if (field.type === "select-one") field.value = begunWith(field);
    else field.value = field.defaultValue;
  }
}

/** Writes values into the fields of a form. */
export function writeInto(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field && field.value !== value) field.value = value; // a group of radios takes it too
  }
}
