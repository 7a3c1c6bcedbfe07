// What a script needs to fill markup that the server wrote: states by attribute, texts by slot.
// Any module that hears from the live socket tells the shell:
//   document.dispatchEvent(new CustomEvent("ringbook:phone", { detail: { state: "talking" } }))
//   document.dispatchEvent(new CustomEvent("ringbook:links", { detail: { links: [{ pbx, status, since, why, lacks }] } }))
// The phone's states are those of macros/badges.html phone_state(); another one shows as unknown.

/** Shows the parts of `root` marked data-<mark>="… value …" and hides the other parts with that mark. */
export function showState(root, value, mark = "when") {
  for (const part of root.querySelectorAll(`[data-${mark}]`)) {
    part.hidden = !part.getAttribute(`data-${mark}`).split(" ").includes(value);
  }
}

/** Writes texts[name] into each [data-slot=name], never as HTML; a [data-part] whose slots are all empty is hidden. */
export function fill(root, texts) {
  for (const slot of root.querySelectorAll("[data-slot]")) {
    const text = texts[slot.dataset.slot];
    if (text === undefined) continue;
    slot.textContent = text ?? "";
  }
  for (const part of root.querySelectorAll("[data-part]")) {
    part.hidden = [...part.querySelectorAll("[data-slot]")].every((slot) => !slot.textContent);
  }
  for (const clock of root.querySelectorAll("[data-slot-since]")) {
    const since = texts[clock.dataset.slotSince];
    if (since) clock.dataset.since = since;
  }
  for (const link of root.querySelectorAll("[data-slot-href]")) {
    const href = texts[link.dataset.slotHref];
    if (href) link.setAttribute("href", href);
  }
}

function showPhone(state) {
  const chip = document.getElementById("phone-state");
  if (!chip) return;
  chip.hidden = state === "none"; // nobody's phone
  const known = chip.querySelector(`[data-when="${CSS.escape(state)}"]`) ? state : "unknown";
  chip.dataset.state = known;
  showState(chip, known);
}

/** How a link stands; one whose account lacks rights works, but not for all. */
const standOf = (link) => (link.lacks?.length ? "limited" : link.status);

/** How all links together stand: the worst of them. */
export function worstOf(links) {
  if (links.length === 0) return "none";
  return ["refused", "down", "connecting", "limited"].find((bad) => links.some((link) => standOf(link) === bad)) ?? "connected";
}

/** Shows of the sentences marked data-lack those whose right is missing. */
function showLacks(root, lacks) {
  for (const part of root.querySelectorAll("[data-lack]")) part.hidden = !lacks.includes(part.dataset.lack);
}

/** The banner over every page: which PBX's account may not all that is needed. */
function showLimits(links) {
  const banner = document.getElementById("limits");
  if (!banner) return;
  const limited = links.filter((link) => link.lacks?.length);
  fill(banner, { names: limited.map((link) => link.pbx).join(", ") });
  const blank = banner.querySelector("template")?.content;
  banner.querySelector("[data-list=limits]")?.replaceChildren(...limited.map((link) => {
    const line = blank.cloneNode(true);
    fill(line, { pbx: link.pbx });
    showLacks(line, link.lacks);
    return line;
  }));
  banner.hidden = limited.length === 0;
}

function showLinks(links) {
  const { lang } = document.documentElement;
  const chip = document.getElementById("links");
  if (!chip) return;
  const worst = worstOf(links);
  const summary = chip.querySelector("summary");
  summary.className = `chip chip--menu link-chip link-chip--${worst}`;
  showState(summary, worst);
  const connected = links.filter((link) => link.status === "connected").length;
  fill(summary, { count: links.length > 1 ? `${connected}/${links.length}` : "" });
  const blank = chip.querySelector("template").content;
  chip.querySelector("[data-list=links]").replaceChildren(...links.map((link) => {
    const line = blank.cloneNode(true);
    showState(line, standOf(link));
    showLacks(line, link.lacks ?? []);
    fill(line, { pbx: link.pbx, since: new Date(link.since).toLocaleString(lang), why: link.whys?.[lang] ?? link.why });
    return line;
  }));
}

/** Nothing is heard of the server, so nothing is known of its links. */
function showLinksUnknown() {
  const summary = document.querySelector("#links summary");
  if (!summary) return;
  summary.className = "chip chip--menu link-chip link-chip--unknown";
  showState(summary, "unknown");
}

export function startStates() {
  document.addEventListener("ringbook:live", (event) => {
    if (event.detail.status === "lost" || event.detail.status === "ended") showLinksUnknown();
  });
  document.addEventListener("ringbook:phone", (event) => showPhone(event.detail.state));
  document.addEventListener("ringbook:links", (event) => {
    showLinks(event.detail.links);
    showLimits(event.detail.links);
  });
}
