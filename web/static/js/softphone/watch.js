// Looks every two seconds at how a talk sounds; says it when it has been bad for a while.
import { countsOf, figuresOf, wordOf } from "./quality.js";

const EVERY = 2000; // ms
const BAD_FOR = 3; // looks in a row until it is said

/** Tells `show(talk)` of the figures in `talk.figures`, and `warn(talk)` once when they stay bad. */
export function watch(talk, show, warn) {
  let before = null;
  let bad = 0;
  const timer = setInterval(async () => {
    if (talk.state === "over") return clearInterval(timer);
    const report = await talk.statistics();
    if (!report || talk.state !== "talking") { before = null; return; }
    const now = countsOf(report);
    const last = before;
    before = now;
    if (!last) return;
    const figures = figuresOf(now, last);
    if (!figures) talk.figures = { ...talk.figures, mos: 1, word: "silent" };
    else talk.figures = { ...figures, word: wordOf(figures.mos) };
    bad = ["bad", "silent"].includes(talk.figures.word) ? bad + 1 : 0;
    show(talk);
    if (bad === BAD_FOR) warn(talk);
  }, EVERY);
}
