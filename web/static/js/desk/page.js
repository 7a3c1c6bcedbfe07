// The wrap-up as a page of its own: what is typed is kept as on the desk, until the desk hears that it is stored.
import { keep, read, valuesOf, writeInto, written } from "./drafts.js";

const form = document.querySelector("form[data-draft]");
const cameBack = form.querySelector(".error-summary") !== null; // refused: it holds what was typed
if (!cameBack) writeInto(form, read(form.dataset.draft));
form.addEventListener("input", () => keep(form.dataset.draft, cameBack ? valuesOf(form) : written(form)));
