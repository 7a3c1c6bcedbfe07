// A play: opened by one POST, which is one line in the audit; it serves ranges until it ends.

const PREPARING = 202; // nothing was opened yet
const AGAIN = 1000; // milliseconds

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/** Opens a play, waiting while the sound is prepared; gives {url, expires_at}. */
export async function openPlay(address, onPreparing) {
  for (;;) {
    const response = await fetch(address, { method: "POST", headers: { "X-CSRF-Token": token(), Accept: "application/json" } });
    if (response.status === PREPARING) {
      onPreparing();
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    } else if (response.ok) return response.json();
    else throw new Error(`${response.status}`);
  }
}
