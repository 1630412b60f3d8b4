// Somebody new waits: a sound that can be muted, words for a screen reader, a number in the title.
import { t } from "./texts.js"
import { notice } from "./ui.js"

const title = document.title
const button = document.querySelector("#sound")
let known = null
let audio = null

export function watch(waiting) {
  document.title = waiting.length ? t("js_title", { n: waiting.length, title }) : title
  const newcomers = known ? waiting.filter((w) => !known.has(w.handoff)) : []
  known = new Set(waiting.map((w) => w.handoff))
  if (!newcomers.length) return
  const gravest = newcomers.find((w) => w.emergency) ?? newcomers[0]
  notice(t(gravest.emergency ? "js_newcomer_emergency" : "js_newcomer", gravest))
  if (!muted()) ring(Boolean(gravest.emergency))
}

export function toggle() {
  localStorage.setItem("yb:muted", muted() ? "" : "1")
  show()
  if (!muted()) ring(false)
}

export function start() {
  show()
  button.addEventListener("click", toggle)
  // A browser lets a page sound only after a first click or key.
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => context()?.resume(), { once: true })
}

function muted() {
  return localStorage.getItem("yb:muted") === "1"
}

function show() {
  button.setAttribute("aria-pressed", String(!muted()))
  button.textContent = t(muted() ? "js_sound_off" : "js_sound_on")
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
