// One message as elements.

import { buttons } from "./buttons_view.js";
import { card } from "./card_view.js";
import { el } from "./dom.js";
import { t } from "./language.js";
import { linkify } from "./linkify.js";
import { paper } from "./paper_view.js";
import { photo } from "./photo_view.js";

/** `entry` as the timeline keeps it; `speaks`: the speaker is another than before and is named. */
export function draw(entry, speaks, actions) {
  const { message, item } = entry;
  if (message.sender === "system" || message.kind === "event") {
    return el("p", { class: "event" }, message.text || t("event"));
  }
  const urgent = cards(message).some((each) => each.kind === "emergency");
  const press = (button) => actions.press(button, message);
  const state = item ? item.state : entry.seq && message.sender === "citizen" ? "sent" : "";
  return el(
    "article",
    { class: `message ${urgent ? "urgent-message" : ""} ${state}` },
    el("p", { class: speaks && message.sender !== "citizen" ? "who" : "who unseen" }, who(message)),
    cards(message).filter((each) => each.kind === "emergency").map((each) => card(each, press)),
    body(entry, urgent, actions),
    cards(message).filter((each) => each.kind !== "emergency").map((each) => card(each, press)),
    buttons(message.buttons || [], press, "question"),
    message.sender === "citizen" && states(item, actions)
  );
}

function who(message) {
  if (message.sender === "citizen") return `${t("citizenName")}:`;
  if (message.sender === "bot") return t("botName");
  return message.operator_name ? t("operatorNamed", { name: message.operator_name }) : t("operatorName");
}

function cards(message) {
  return message.cards || [];
}

function body(entry, urgent, actions) {
  const { message } = entry;
  const parts = [];
  if (message.kind === "photo") parts.push(photo(entry, actions.photo));
  if (message.file) parts.push(paper(message.file));
  if (message.kind === "location") parts.push(el("p", { class: "words" }, `📍 ${placeWords(message)}`));
  else if (message.text) parts.push(el("p", { class: "words" }, words(message, urgent)));
  else if (message.kind === "voice") parts.push(el("p", { class: "words" }, t("voice")));
  return parts.length ? el("div", { class: "says" }, parts) : null;
}

function words(message, urgent) {
  return message.sender === "citizen" ? message.text : linkify(message.text, urgent);
}

function placeWords(message) {
  if (!message.location) return message.text || t("placeMine");
  const { lat, lon } = message.location;
  return `${t("placeMine")} (${lat.toFixed(4)}, ${lon.toFixed(4)})`;
}

/** How far a message of the citizen's has come, and what can be done about it. */
function states(item, actions) {
  if (!item) return el("p", { class: "state" }, t("sent"));
  const line = { sending: t("sending"), retrying: t("retrying"), waiting: t("waitingNetwork"), failed: t("failed") };
  const words = line[item.state] || t("refused", { why: item.why || t(item.status === 413 ? "photoTooBig" : "refusedPlain") });
  if (item.state !== "failed" && item.state !== "refused") return el("p", { class: "state" }, words);
  return el(
    "div",
    { class: "state problem" },
    el("p", {}, `⚠ ${words}`),
    el(
      "div",
      { class: "remedies" },
      item.state === "failed" && remedy("retry", () => actions.retry(item)),
      item.state === "refused" && item.kind === "text" && remedy("edit", () => actions.edit(item)),
      remedy("discard", () => actions.discard(item))
    )
  );
}

function remedy(key, act) {
  return el("button", { type: "button", class: `remedy ${key}`, onclick: act }, t(key));
}
