// Sends forms and asks questions; every way it can go wrong ends in a sentence, and nothing that was typed is lost.
import { say } from "./words.js";

const STORED_SOON = 409; // the call is not stored yet, or someone was faster
const PATIENCE = [100, 200, 400, 800, 1700]; // milliseconds before it is tried again

const token = () => document.querySelector('meta[name="csrf-token"]');

/** Posts `fields`; gives {done: sentence} or {errors: {field: sentence, "": sentence}}. */
export async function post(address, fields = {}) {
  let answer = await once(address, fields);
  if (answer.status === 403 && await renewToken()) answer = await once(address, fields);
  for (const wait of PATIENCE) {
    if (answer.status !== STORED_SOON) break;
    await new Promise((resolve) => setTimeout(resolve, wait));
    answer = await once(address, fields);
  }
  return answer;
}

/** Reads JSON; null where it cannot be had now. */
export async function get(address) {
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error" });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

async function once(address, fields) {
  let response;
  try {
    response = await fetch(address, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRF-Token": token()?.content ?? "" },
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
  } catch {
    return { errors: { "": say("no_answer") }, status: 0 };
  }
  if (response.type === "opaqueredirect") return { errors: { "": say("logged_out") }, status: 401 };
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  const said = isJson ? await response.json().catch(() => null) : null;
  if (response.ok && said) return { ...said, status: response.status };
  const errors = said?.errors ?? { "": say("went_wrong", { status: response.status }) };
  return { errors, status: response.status };
}

/** Someone logged in again in another tab: the new log-in has another token. */
async function renewToken() {
  try {
    const response = await fetch(location.href, { redirect: "error" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector('meta[name="csrf-token"]')?.content;
    if (!fresh || fresh === token()?.content) return false;
    token().content = fresh;
    return true;
  } catch {
    return false;
  }
}
