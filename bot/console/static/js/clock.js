// Times in words that go on by themselves. The same words as bot/console/words.py, by the server's clock.
import { t } from "./texts.js"

const meta = document.querySelector('meta[name="yb-now"]')
const offset = Date.parse(meta.content) - Date.now()
const warnAfter = Number(meta.dataset.warn)
const lateAfter = Number(meta.dataset.escalate)
const SOON_SECONDS = 4 * 3600

export function span(seconds) {
  const left = Math.floor(Math.abs(seconds))
  if (left < 60) return t("under_minute")
  if (left < 3600) return t("minutes", { n: Math.floor(left / 60) })
  if (left < 36000 && left % 3600 >= 60) {
    return t("hours_minutes", { h: Math.floor(left / 3600), m: Math.floor((left % 3600) / 60) })
  }
  if (left < 172800) return t("hours", { n: Math.floor(left / 3600) })
  return t("days", { n: Math.floor(left / 86400) })
}

export function tick(root = document) {
  const now = Date.now() + offset
  const since = (iso) => (now - Date.parse(iso)) / 1000
  for (const e of root.querySelectorAll("[data-wait]")) showWait(e, since(e.dataset.wait))
  for (const e of root.querySelectorAll("[data-due]")) showDue(e, -since(e.dataset.due))
  for (const e of root.querySelectorAll("[data-unanswered]")) {
    say(e, t("js_unanswered", { n: e.dataset.count, span: span(since(e.dataset.unanswered)) }))
  }
}

function showWait(element, seconds) {
  const level = Number(seconds >= warnAfter) + Number(seconds >= lateAfter)
  const told = element.dataset.escalated && level === 2
  element.className = `wait level-${level}`
  say(element.querySelector("time"), seconds < 60 ? t("waited_no_time") : t("waited", { span: span(seconds) }))
  say(element.querySelector(".cue"), told ? t("js_cue_told") : ["", t("js_cue_warn"), t("js_cue_late")][level])
}

function showDue(element, left) {
  say(element, t(left >= 0 ? "due_left" : "due_over", { span: span(left) }))
  element.classList.toggle("over", left < 0)
  element.classList.toggle("soon", left >= 0 && left < SOON_SECONDS)
}

function say(element, words) {
  if (element.textContent !== words) element.textContent = words
}

export function start() {
  tick()
  setInterval(tick, 5000)
}
