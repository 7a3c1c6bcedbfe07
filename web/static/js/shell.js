// What every page can do: themes, dialogs, menus, keys, clocks, copying, toasts, the phone's chip.
import { startAway } from "./away.js";
import { startClocks } from "./clocks.js";
import { startDialling } from "./dialling.js";
import { startCounts } from "./counts.js";
import { startDialogs } from "./dialogs.js";
import { startKeys } from "./keys.js";
import { startStates } from "./states.js";
import { startThemes } from "./themes.js";

startThemes();
startDialogs();
startDialling();
startKeys();
startStates();
startClocks();
startAway();
startCounts();

document.querySelector("[data-focus]")?.focus();
