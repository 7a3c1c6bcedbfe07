// The wrap-up as a page of its own: what is typed is kept as on the desk, until the desk hears that it is stored.
import { keep, read, valuesOf, writeInto } from "./drafts.js";

const form = document.querySelector("form[data-draft]");
if (!form.querySelector(".error-summary")) writeInto(form, read(form.dataset.draft)); // else the server gave back what was typed
form.addEventListener("input", () => keep(form.dataset.draft, valuesOf(form)));
