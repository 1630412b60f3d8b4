// Large text, the height left by a phone's keyboard, and life inside the widget's panel.

import { byId } from "./dom.js";
import { write } from "./storage.js";

const html = document.documentElement;

export function setUpDisplay() {
  largeText();
  keyboardHeight();
  if (html.classList.contains("embed")) panel();
}

/** Tell the page that shows us in the widget's panel: "close" or "news". Nothing private is in it. */
export function tellParent(what) {
  if (window.parent !== window) window.parent.postMessage({ yiboling: what }, "*");
}

function largeText() {
  const button = byId("large");
  const show = () => button.setAttribute("aria-pressed", String(html.classList.contains("large")));
  button.addEventListener("click", () => {
    write("large", html.classList.toggle("large"));
    show();
    window.dispatchEvent(new Event("resize"));
  });
  show();
}

/** Safari lays the keyboard over the page: make the page as high as what can be seen. */
function keyboardHeight() {
  const view = window.visualViewport;
  if (!view) return;
  const fit = () => {
    if (Math.abs(view.scale - 1) < 0.01) html.style.setProperty("--height", `${Math.round(view.height)}px`);
  };
  view.addEventListener("resize", fit);
  fit();
}

function panel() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) tellParent("close");
  });
}
