// What is needed to come back into a call after the page was loaded again: the names of its dialog, never a secret.
const LONGEST = 4 * 3600_000; // ms

const nameOf = (user) => `ringbook.softphone.call.${user}`;

/** Keeps the call that goes on; without one, forgets it. */
export function keep(user, call) {
  try {
    if (call) localStorage.setItem(nameOf(user), JSON.stringify({ ...call, kept: Date.now() }));
    else localStorage.removeItem(nameOf(user));
  } catch { /* a reload cannot come back into the call, and says so */ }
}

/** The call that went on when a page of this user was last there, null without one. */
export function kept(user) {
  try {
    const call = JSON.parse(localStorage.getItem(nameOf(user)));
    return call && Date.now() - call.kept < LONGEST ? call : null;
  } catch {
    return null;
  }
}
