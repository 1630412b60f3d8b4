// Somebody waits: a sound that can be muted, words for a screen reader, a number in the title, and a desktop alert while
// another window is in front. Whose turn it is hears it; the others only of emergencies and of those offered to nobody.
import { t } from "./texts.js"
import { notice } from "./ui.js"

const OFFER_TAKES_MS = 5000
const title = document.title
const soundButton = document.querySelector("#sound")
const alertsButton = document.querySelector("#alerts")
let waiting = []
let turns = null // handoff → whose turn it was at the last look
let audio = null
let opened = (conversation) => { location.href = `/console/conversations/${conversation}` }

export function watch(queue) {
  waiting = queue.waiting
  document.title = waiting.length ? t("js_title", { n: waiting.length, title }) : title
  const before = turns
  turns = new Map(waiting.map((w) => [w.handoff, turnOf(w)]))
  if (!before) return
  const changed = waiting.filter((w) => before.get(w.handoff) !== turnOf(w))
  const grave = changed.find((w) => w.emergency && !before.has(w.handoff))
  const hers = changed.find((w) => w.yours)
  if (grave) announce(grave, t("js_newcomer_emergency", grave), true)
  else if (hers) announce(hers, t("js_your_turn", hers), Boolean(hers.emergency))
  for (const one of changed.filter((w) => turnOf(w) === "nobody" && w !== grave)) {
    if (queue.offering) setTimeout(() => { if (stillNobody(one.handoff)) nobodyOffered(one) }, OFFER_TAKES_MS)
    else nobodyOffered(one)
  }
}

export function toggle() {
  localStorage.setItem("yb:muted", muted() ? "" : "1")
  show()
  if (!muted()) ring(false)
}

export async function toggleAlerts() {
  if (!window.Notification) return
  const allowed = Notification.permission === "default" ? await Notification.requestPermission() : Notification.permission
  if (allowed === "denied") notice(t("js_alerts_denied"))
  else if (allowed === "granted") localStorage.setItem("yb:alerts", alerting() ? "" : "1")
  show()
}

export function start(open) {
  opened = open
  alertsButton.hidden = !window.Notification // browsers have it only over https
  show()
  soundButton.addEventListener("click", toggle)
  alertsButton.addEventListener("click", toggleAlerts)
  wake()
}

// A browser lets a page sound only after a first click or key.
export function wake() {
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => context()?.resume(), { once: true })
}

function turnOf(one) {
  return one.yours ? "yours" : one.offered ? "colleague" : "nobody"
}

function stillNobody(handoff) {
  return waiting.some((w) => w.handoff === handoff && turnOf(w) === "nobody")
}

function nobodyOffered(one) {
  notice(t("js_newcomer", one))
  if (!muted()) ring(false)
}

// Said, sounded, and shown on the desktop while another window is in front; returns the notice.
export function announce(one, words, grave, how = {}) {
  const box = notice(words, how)
  if (muted()) return box
  ring(grave)
  if (!document.hidden || !alerting()) return box
  const alert = new Notification(words, { body: t("js_your_turn_body"), tag: `handoff-${one.handoff}` })
  alert.onclick = () => { window.focus(); alert.close(); opened(one.conversation) }
  return box
}

function muted() {
  return localStorage.getItem("yb:muted") === "1"
}

function alerting() {
  return window.Notification?.permission === "granted" && localStorage.getItem("yb:alerts") === "1"
}

function show() {
  soundButton.setAttribute("aria-pressed", String(!muted()))
  soundButton.textContent = t(muted() ? "js_sound_off" : "js_sound_on")
  alertsButton.setAttribute("aria-pressed", String(alerting()))
  alertsButton.textContent = t(alerting() ? "js_alerts_on" : "js_alerts_off")
}

function context() {
  audio ??= window.AudioContext ? new AudioContext() : null
  return audio
}

function ring(grave) {
  const sound = context()
  if (!sound || sound.state !== "running") return
  const notes = grave ? [880, 660, 880, 660] : [660, 880]
  notes.forEach((frequency, n) => {
    const from = sound.currentTime + n * 0.18
    const tone = sound.createOscillator()
    const volume = sound.createGain()
    tone.frequency.value = frequency
    volume.gain.setValueAtTime(0.0001, from)
    volume.gain.exponentialRampToValueAtTime(0.18, from + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.0001, from + 0.16)
    tone.connect(volume).connect(sound.destination)
    tone.start(from)
    tone.stop(from + 0.17)
  })
}
