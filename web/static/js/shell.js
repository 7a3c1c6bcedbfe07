// What every page can do: themes, dialogs, menus, keys, clocks, copying, toasts, the phone's chip.
import { startClocks } from "./clocks.js";
import { startDialogs } from "./dialogs.js";
import { startKeys } from "./keys.js";
import { startStates } from "./states.js";
import { startThemes } from "./themes.js";

startThemes();
startDialogs();
startKeys();
startStates();
startClocks();

document.querySelector("[data-focus]")?.focus();
