// The choices under a question or on a card.

import { el } from "./dom.js";
import { t } from "./language.js";

const MANY = 7; // from here on chips in a grid

// Verbs of bot/domain/choice.py that leave the others of their question open: menus to come back to, not answers.
const MENU = ["item", "category", "urge", "add", "drop", "status", "more", "human", "help", "ticket", "next", "provider"];

/** `of`: "question" (one answer closes it) or "card". `press(button)` gets {id, title}. */
export function buttons(choices, press, of) {
  if (!choices.length) return null;
  const layout = choices.length >= MANY ? "many" : "few";
  const group = { class: `buttons ${layout}`, role: "group", "aria-label": t("choices"), "data-of": of };
  return el("div", group, ...choices.map((choice) => button(choice, press)));
}

/** The buttons that pressing `button` closes: it alone on a card or a menu, else all of the question. */
export function closedBy(button) {
  const group = button.closest(".buttons");
  const open = group.dataset.of === "card" || MENU.includes(button.dataset.choice.split(":")[0]);
  return open ? [button] : Array.from(group.querySelectorAll("button"));
}

/** Answered ones stay reachable for a screen reader: aria-disabled keeps the focus where it is. */
function button(choice, press) {
  const act = (event) => {
    if (event.currentTarget.getAttribute("aria-disabled") !== "true") press(choice);
  };
  const facts = { type: "button", class: "choice", "data-choice": choice.id, "data-title": choice.title, onclick: act };
  return el("button", facts, choice.title);
}
