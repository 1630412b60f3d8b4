// A provider, contact, ticket or emergency as a block.

import { buttons } from "./buttons_view.js";
import { el, icon } from "./dom.js";
import { t } from "./language.js";
import { telephone } from "./linkify.js";

const KINDS = { provider: "cardProvider", contact: "cardContact", ticket: "cardTicket" };

/** `press(button)` as for buttons. */
export function card(facts, press) {
  return facts.kind === "emergency" ? emergency(facts, press) : ordinary(facts, press);
}

function ordinary(facts, press) {
  const kind = KINDS[facts.kind] ? facts.kind : "provider";
  return el(
    "section",
    { class: `card ${kind}`, "aria-label": `${t(KINDS[kind])} ${facts.title}` },
    el("p", { class: "kind" }, t(KINDS[kind])),
    el("h2", {}, facts.title),
    lines(facts),
    facts.phone && call(facts.phone, t("call", { phone: facts.phone }), "call"),
    buttons(facts.buttons || [], press, "card")
  );
}

function emergency(facts, press) {
  return el(
    "section",
    { class: "card emergency", "aria-label": `${t("emergency")} ${facts.title}` },
    el("p", { class: "band" }, icon("warning"), el("span", {}, t("emergency"))),
    el("h2", {}, facts.title),
    lines(facts),
    facts.phone && call(facts.phone, t("callNow", { phone: facts.phone }), "call now"),
    buttons(facts.buttons || [], press, "card")
  );
}

function lines(facts) {
  return (facts.lines || []).map((line) => el("p", { class: "line" }, line));
}

function call(phone, words, look) {
  const href = telephone(phone);
  return href ? el("a", { class: look, href }, icon("phone"), el("span", {}, words)) : el("p", { class: "line" }, words);
}
