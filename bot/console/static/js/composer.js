// Writing to the citizen. Words wait in localStorage until the server has them: under one id, so that none is sent twice.
import { post } from "./net.js"
import { t } from "./texts.js"
import { notice } from "./ui.js"
import { refresh, toBottom } from "./conversation.js"
import * as photo from "./photo.js"

const actor = document.querySelector('meta[name="yb-actor"]').content
const form = document.querySelector("#composer")
const box = document.querySelector("#words")
const note = document.querySelector("#composer-note")
const pending = document.querySelector("#pending")
const toggle = document.querySelector("#noting")
const WAITS_MS = [1000, 2000, 4000, 8000, 15000]
let conversation = ""
let handoff = ""
let mine = false
let forColleagues = false // a note is being written, not a reply
let spoken = false // the citizen is on the phone: only notes can be written
const sending = new Set()

export function show(id, facts) {
  const changed = id !== conversation
  conversation = id
  handoff = facts.handoff ?? ""
  mine = Boolean(facts.mine)
  spoken = Boolean(facts.spoken)
  if (changed) forColleagues = false
  if (spoken && mine) forColleagues = true
  note.querySelector("span").textContent = facts.note ?? ""
  dress()
  if (!changed) return
  box.value = localStorage.getItem(key(kind())) ?? ""
  fit()
  pending.replaceChildren()
  for (const entry of outbox()) bubble(entry)
  if (facts.mine) pump(id)
}

// Words put into the box for her to send or change; what she had begun stays before them.
export function suggest() {
  const words = document.querySelector("#suggestion")?.textContent.trim()
  if (!words || form.hidden) return
  box.value = [box.value.trim(), words].filter(Boolean).join("\n")
  keep("draft", box.value)
  fit()
  focus()
}

export function focus() {
  if (!form.hidden) box.focus()
}

export function focusOr(other) {
  if (form.hidden) other?.focus()
  else box.focus()
}

// A reply is being written, not a note.
export const writing = () => !form.hidden && !forColleagues
export const noting = () => forColleagues

// Notes and replies are kept apart: what was meant for colleagues never stands in the box that goes to the citizen.
export function toggleNote(wanted = !forColleagues) {
  if (!conversation || (spoken && mine)) return focus()
  if (wanted !== forColleagues) {
    keep(kind(), box.value)
    forColleagues = wanted
    box.value = localStorage.getItem(key(kind())) ?? ""
    box.dispatchEvent(new Event("input", { bubbles: true }))
  }
  dress()
  focus()
}

function dress() {
  form.hidden = !conversation || !(mine || forColleagues)
  note.hidden = !conversation || mine || forColleagues
  form.classList.toggle("for-colleagues", forColleagues)
  form.classList.toggle("spoken", spoken)
  toggle.setAttribute("aria-pressed", String(forColleagues))
  const mode = spoken ? "spoken" : forColleagues ? "note" : "reply"
  box.placeholder = box.dataset[mode]
  form.querySelector("label").textContent = box.dataset[mode]
  for (const id of ["send", "composer-hint"]) {
    const part = document.querySelector(`#${id}`)
    part.textContent = part.dataset[mode]
  }
  fit() // a hidden box has no height to measure
}

export function arrived(id) {
  photo.arrived(id)
  pending.querySelector(`[data-client="${CSS.escape(id)}"]`)?.remove()
}

export function start() {
  form.addEventListener("submit", (event) => { event.preventDefault(); forColleagues ? keepNote() : send() })
  toggle.addEventListener("click", () => toggleNote())
  document.querySelector("#note-write").addEventListener("click", () => toggleNote(true))
  box.addEventListener("keydown", (event) => {
    const composing = event.isComposing || event.keyCode === 229 // an input method is still at work
    if (event.key !== "Enter" || event.shiftKey || composing) return
    event.preventDefault()
    event.ctrlKey || event.metaKey || forColleagues ? keepNote() : send()
  })
  box.addEventListener("input", () => { keep(kind(), box.value); fit() })
  window.addEventListener("online", () => pump(conversation))
  pending.addEventListener("click", (event) => {
    const line = event.target.closest("[data-client]")
    if (event.target.dataset.do === "retry") retry(line.dataset.client)
    if (event.target.dataset.do === "edit") takeBack(line.dataset.client)
  })
}

function send() {
  const text = box.value.trim()
  if (!conversation || !(text || photo.attached())) return
  box.value = ""
  keep("draft", "")
  fit()
  const left = photo.attached() ? photo.send(text) : text
  if (!left) return
  const entry = { id: newId(), text: left, handoff }
  store(conversation, [...outbox(), entry])
  bubble(entry)
  toBottom()
  pump(conversation)
}

// What could not be kept stays in the box, with the reason.
async function keepNote() {
  const [text, of] = [box.value.trim(), conversation]
  if (!text || !of || form.dataset.busy) return
  form.dataset.busy = "1"
  try {
    await post(`/console/api/conversations/${of}/notes`, { text })
  } catch (failure) {
    return notice(failure.message)
  } finally {
    delete form.dataset.busy
  }
  if (of !== conversation) return localStorage.removeItem(key("note", of))
  box.value = ""
  keep(kind(), "")
  if (!mine) toggleNote(false)
  else fit()
  await refresh()
  toBottom()
}

// One after the other, in the order written; a passing trouble is tried again, anything else is shown.
async function pump(id) {
  if (!id || sending.has(id)) return
  sending.add(id)
  try {
    for (let failures = 0; ;) {
      const entry = outbox(id)[0]
      if (!entry || entry.failed) break
      try {
        await post(`/console/api/handoffs/${entry.handoff}/reply`, { text: entry.text, client_id: entry.id })
        store(id, outbox(id).filter((e) => e.id !== entry.id))
        say(entry.id, t("js_sent"))
        failures = 0
        if (id === conversation) refresh()
      } catch (failure) {
        if (!failure.passing || failures >= WAITS_MS.length) { fail(id, entry.id, failure.message); break }
        say(entry.id, t("js_retrying"))
        await new Promise((done) => setTimeout(done, WAITS_MS[failures++]))
      }
    }
  } finally {
    sending.delete(id)
  }
}

function fail(id, entryId, why) {
  store(id, outbox(id).map((e) => (e.id === entryId ? { ...e, failed: why } : e)))
  say(entryId, t("js_not_sent", { why }), true)
  refresh()
}

function retry(entryId) {
  store(conversation, outbox().map((e) => (e.id === entryId ? { ...e, failed: "", handoff: handoff || e.handoff } : e)))
  say(entryId, t("js_sending"))
  pump(conversation)
}

function takeBack(entryId) {
  const entry = outbox().find((e) => e.id === entryId)
  store(conversation, outbox().filter((e) => e.id !== entryId))
  arrived(entryId)
  if (entry) box.value = [entry.text, box.value].filter(Boolean).join("\n")
  keep("draft", box.value)
  fit()
  focus()
  pump(conversation)
}

function bubble(entry) {
  const line = document.createElement("li")
  line.className = "line operator"
  line.dataset.client = entry.id
  const words = Object.assign(document.createElement("p"), { className: "text", textContent: entry.text })
  const inner = Object.assign(document.createElement("div"), { className: "bubble" })
  inner.append(words)
  line.append(inner, Object.assign(document.createElement("p"), { className: "delivery" }))
  pending.append(line)
  say(entry.id, entry.failed ? t("js_not_sent", { why: entry.failed }) : t("js_sending"), Boolean(entry.failed))
}

function say(entryId, words, failed = false) {
  const place = pending.querySelector(`[data-client="${CSS.escape(entryId)}"] .delivery`)
  if (!place) return
  place.classList.toggle("failed", failed)
  place.replaceChildren(words)
  if (!failed) return
  for (const name of ["retry", "edit"]) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: t(`js_${name}`) })
    button.dataset.do = name
    place.append(" ", button)
  }
}

function outbox(id = conversation) {
  return JSON.parse(localStorage.getItem(key("out", id)) ?? "[]")
}

function store(id, entries) {
  if (entries.length) localStorage.setItem(key("out", id), JSON.stringify(entries))
  else localStorage.removeItem(key("out", id))
}

function keep(kind, value) {
  if (value) localStorage.setItem(key(kind), value)
  else localStorage.removeItem(key(kind))
}

function kind() {
  return forColleagues ? "note" : "draft"
}

function key(kind, id = conversation) {
  return `yb:${actor}:${kind}:${id}`
}

function fit() {
  box.style.height = "auto"
  box.style.height = `${box.scrollHeight + 2}px`
}

// crypto.randomUUID needs https; a console on a plain intranet address has none.
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
