// The page of a shared recording. The link's secret stands behind the # of the address, which no server is told
// by itself; it goes out in a form, and the sound comes with a cookie.
const PREPARING = 202;
const AGAIN = 1000; // milliseconds

const root = document.querySelector("[data-shared]");
const [button, audio] = [root.querySelector("[data-open]"), root.querySelector("audio")];

function say(selector, text) {
  const place = root.querySelector(selector);
  place.textContent = text;
  if (place.dataset.problem !== undefined) place.hidden = !text;
}

async function opened() {
  const secret = location.hash.slice(1);
  if (!secret) throw new Error(root.dataset.none);
  for (;;) {
    const response = await fetch(root.dataset.shared, { method: "POST", body: new URLSearchParams({ secret }) });
    const answer = await response.json();
    if (response.status !== PREPARING) {
      if (!response.ok) throw new Error(answer.problem);
      return answer;
    }
    say("[data-says]", root.dataset.preparing);
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}

async function play() {
  button.disabled = true;
  say("[data-problem]", "");
  try {
    const { url, told, left } = await opened();
    root.querySelector("[data-told]").replaceChildren(...told.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
    say("[data-says]", left === null ? "" : root.dataset.left.replace("{count}", left));
    audio.src = url;
    audio.hidden = false;
    button.hidden = true;
    await audio.play().catch(() => {}); // then they press play themselves
    audio.focus();
  } catch (problem) {
    say("[data-says]", "");
    say("[data-problem]", problem.message || root.dataset.failed);
  } finally {
    button.disabled = false;
  }
}

button.addEventListener("click", play);
audio.addEventListener("error", () => {
  audio.hidden = true;
  button.hidden = false;
  say("[data-problem]", root.dataset.failed);
});
