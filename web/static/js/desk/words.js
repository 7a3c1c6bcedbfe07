// What the desk's scripts say: the texts stand, translated, in the page's <template id="desk-words"> and <template id="softphone-words">.
const words = new Map();
for (const place of document.querySelectorAll("#desk-words, #softphone-words")) {
  for (const word of place.content.children) words.set(word.dataset.word, word.textContent);
}

/** The text `name` with its {braces} filled; the values stay what they are: text. */
export function say(name, values = {}) {
  return (words.get(name) ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

/** Whether there is such a text. */
export const has = (name) => words.has(name);
