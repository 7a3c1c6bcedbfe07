// Days and times as people write them, in the company's time zone.
const zone = document.getElementById("desk")?.dataset.zone || undefined;
const lang = document.documentElement.lang || "en";
const locale = lang === "en" ? "en-GB" : lang; // as the server writes them
const style = (options) => new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
const clock = style({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const shortDay = style({ weekday: "short", day: "numeric", month: "short" });
const whole = lang.startsWith("en") ? { day: "numeric", month: "short", year: "numeric" } : { dateStyle: "medium" };
const fullDay = style(whole);
const plainDay = new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...whole });
const isoDay = new Intl.DateTimeFormat("en-CA", { timeZone: zone });

/** As the language writes it; English in the order in which the pages do: Sun 22 Nov 2026. */
function ordered(formatter, at) {
  if (!lang.startsWith("en")) return formatter.format(at);
  const parts = Object.fromEntries(formatter.formatToParts(at).map(({ type, value }) => [type, value]));
  return ["weekday", "day", "month", "year"].map((type) => parts[type]).filter(Boolean).join(" ");
}

/** The time today, the weekday and day this year, else the whole date. */
export function moment(iso, now = new Date()) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const isToday = Math.abs(now - at) < 86_400_000 && isoDay.format(at) === today(now);
  if (isToday) return clock.format(at);
  return ordered(at.getFullYear() === now.getFullYear() ? shortDay : fullDay, at);
}

/** The time of day. */
export const time = (at) => clock.format(at);

/** A date without a time (2026-11-24). */
export function day(iso) {
  const at = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(at.getTime()) ? "" : ordered(plainDay, at);
}

let lastAsked = { minute: 0, day: "" };

/** The company's date now, as 2026-11-22. */
export function today(now = new Date()) {
  const minute = Math.floor(now / 60_000);
  if (lastAsked.minute !== minute) lastAsked = { minute, day: isoDay.format(now) };
  return lastAsked.day;
}
