// That somebody is writing, both ways; what is written stays here. Nothing is told while the page is hidden.
import { hint } from "./net.js"
import { t } from "./texts.js"
import * as composer from "./composer.js"
import * as conversation from "./conversation.js"

const EVERY_MS = 3000
const LASTS_MS = 6000
const box = document.querySelector("#words")
const place = document.querySelector("#typing")
let next = 0
let over = 0

export function start() {
  box.addEventListener("input", () => {
    if (!composer.writing() || !box.value.trim() || document.hidden || Date.now() < next) return
    next = Date.now() + EVERY_MS
    hint(`/console/api/conversations/${conversation.current()}/typing`).catch(() => {})
  })
}

// The citizen writes, as the topics say.
export function heard(topics) {
  if (topics.has(`typing:citizen:${conversation.current()}`)) show()
}

function show() {
  clearTimeout(over)
  if (!place.textContent) place.textContent = t("js_citizen_typing")
  over = setTimeout(hide, LASTS_MS)
}

export function hide() {
  clearTimeout(over)
  place.textContent = ""
}
