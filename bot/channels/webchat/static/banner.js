// The line under the header that says how the connection is.

import { byId } from "./dom.js";
import { t } from "./language.js";

const SHORT = 4000;
let shown = null;
let timer = 0;

/** `key`: a text that stays until something else is said, or null. */
export function stay(key) {
  clearTimeout(timer);
  show(key);
}

/** Said for a few seconds. */
export function brief(key) {
  stay(key);
  timer = setTimeout(() => show(null), SHORT);
}

export function connection(state) {
  if (state === "offline") stay("offline");
  else if (shown === "offline") brief("back");
  else if (shown === "loading") stay(null);
}

export function translate() {
  show(shown);
}

function show(key) {
  shown = key;
  const banner = byId("banner");
  banner.hidden = key === null;
  banner.textContent = key === null ? "" : t(key);
  banner.classList.toggle("good", key === "back" || key === "forgotten");
}
