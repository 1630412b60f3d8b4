// Which language the page speaks, and its words.

import { write } from "./storage.js";
import { TEXTS } from "./texts.js";

const listeners = [];

export function language() {
  return document.documentElement.dataset.language === "en" ? "en" : "zh";
}

/** The text `key` with `{facts}` filled in. */
export function t(key, facts = {}) {
  return TEXTS[language()][key].replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? String(facts[name]) : whole));
}

export function setLanguage(chosen) {
  document.documentElement.dataset.language = chosen;
  document.documentElement.lang = chosen === "en" ? "en" : "zh-CN";
  write("language", chosen);
  translatePage();
  listeners.forEach((changed) => changed(chosen));
}

export function onLanguage(changed) {
  listeners.push(changed);
}

/** Fill what the template marked: `data-text`, `data-label` (aria-label), `data-placeholder`. */
export function translatePage() {
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = t(node.dataset.placeholder);
  document.getElementById("language").lang = language() === "en" ? "zh-CN" : "en";
  document.title = t("title");
}
