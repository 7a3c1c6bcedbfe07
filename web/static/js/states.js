// Any module that hears from the live socket tells the shell:
//   document.dispatchEvent(new CustomEvent("ringbook:phone", { detail: { state: "talking" } }))
// States are those of macros/badges.html phone_state(); an unknown one shows as unknown.

function showPhone(state) {
  const chip = document.getElementById("phone-state");
  if (!chip) return;
  const known = chip.querySelector(`[data-when="${CSS.escape(state)}"]`) ? state : "unknown";
  chip.dataset.state = known;
  for (const part of chip.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== known;
}

export function startStates() {
  document.addEventListener("ringbook:phone", (event) => showPhone(event.detail.state));
}
