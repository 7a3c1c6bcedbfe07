// Listening in, from the page of calls in progress: each click is sent once, and the table asks for itself again.
import { toast } from "./dialogs.js";
import { announce } from "./softphone/clicks.js";

const busy = new Set(); // addresses that are being asked

async function send(form, fields) {
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  try {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRF-Token": token },
      body: fields,
      redirect: "error",
    });
    return await response.json();
  } catch {
    return null;
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-supervise]");
  if (!form) return;
  event.preventDefault();
  if (busy.has(form.action)) return;
  busy.add(form.action);
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  if (fields.get("key")) announce(fields.get("key"));
  const answer = await send(form, fields);
  busy.delete(form.action);
  const errors = Object.values(answer?.errors ?? {}).join(" ");
  if (!answer || errors) toast(errors || document.getElementById("in-progress").dataset.failed, "bad");
  else toast(answer.done, "good");
  document.getElementById("in-progress").dispatchEvent(new Event("looked"));
});
