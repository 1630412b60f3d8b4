// Photos to the citizen: chosen, pasted or dropped, seen above the words until they are sent, and sent under one id each.
import { upload } from "./net.js"
import { t } from "./texts.js"
import { notice } from "./ui.js"
import { newId } from "./sheet.js"
import * as conversation from "./conversation.js"

const TYPES = ["image/jpeg", "image/png", "image/webp"]
const HEAVIEST = 10 * 1024 * 1024
const LONGEST_CAPTION = 1000
const WAITS_MS = [1000, 3000, 8000]
const SHOWN_PX = 320
const part = (id) => document.querySelector(`#${id}`)
const strip = part("attached")
const pending = part("pending")
const form = part("composer")
let chosen = [] // {id, file, canvas, conversation}: not sent yet
let sending = [] // {…, handoff, caption, failed}: on their way

export function start() {
  const file = part("photo-file")
  part("photo-choose").addEventListener("click", () => file.click())
  file.addEventListener("change", () => { add(file.files); file.value = "" })
  part("words").addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return
    event.preventDefault()
    add(event.clipboardData.files)
  })
  dropping(part("conversation"))
  pending.addEventListener("click", (event) => {
    const entry = sending.find((each) => each.id === event.target.closest("[data-client]")?.dataset.client)
    if (entry && event.target.dataset.do === "photo-retry") deliver(entry)
    if (entry && event.target.dataset.do === "photo-drop") forget(entry)
  })
  window.addEventListener("beforeunload", (event) => { if (chosen.length || sending.length) event.preventDefault() })
}

// Whether Enter has something to send without any words.
export function attached() {
  return chosen.some(here)
}

// Sends what is attached, the words under the first photo; returns the words that do not fit there.
export function send(words) {
  const { handoff } = conversation.facts()
  const fits = words.length <= LONGEST_CAPTION
  const going = chosen.filter(here).map((entry, n) => ({ ...entry, handoff, caption: fits && !n ? words : "", failed: "" }))
  chosen = chosen.filter((entry) => !here(entry))
  sending.push(...going)
  draw()
  for (const entry of going) bubble(entry)
  going.reduce((before, entry) => before.then(() => deliver(entry)), Promise.resolve())
  return fits ? "" : words
}

// It is among the messages, whatever became of the answer to its sending.
export function arrived(id) {
  sending = sending.filter((entry) => entry.id !== id)
}

// Another conversation is shown, or the same one anew.
export function show() {
  draw()
  for (const entry of sending.filter(here)) if (!lineOf(entry)) bubble(entry)
}

async function add(files) {
  if (form.hidden) return
  for (const file of files) {
    if (!TYPES.includes(file.type)) { notice(t("js_photo_bad")); continue }
    if (file.size > HEAVIEST) { notice(t("js_photo_big")); continue }
    const id = conversation.current()
    const canvas = await small(file).catch(() => null)
    if (canvas) chosen.push({ id: newId(), file, canvas, conversation: id })
    else notice(t("js_photo_bad"))
  }
  draw()
  part("words").focus()
}

// The page's policy allows no blob: addresses, so pictures are drawn.
async function small(file) {
  const bitmap = await createImageBitmap(file)
  const scale = Math.min(1, SHOWN_PX / Math.max(bitmap.width, bitmap.height))
  const canvas = Object.assign(document.createElement("canvas"), {
    width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)),
  })
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  canvas.setAttribute("role", "img")
  canvas.setAttribute("aria-label", t("js_photo_attached"))
  bitmap.close()
  return canvas
}

function draw() {
  const scroller = part("scroller")
  const stay = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 90
  strip.replaceChildren(...chosen.filter(here).map((entry) => {
    const box = Object.assign(document.createElement("div"), { className: "attachment" })
    const remove = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: t("js_photo_remove") })
    remove.addEventListener("click", () => { chosen = chosen.filter((each) => each !== entry); draw(); part("words").focus() })
    box.append(entry.canvas, remove)
    return box
  }))
  strip.hidden = !strip.children.length
  if (stay) conversation.toBottom() // the box above grew
}

function dropping(root) {
  const files = (event) => !form.hidden && [...event.dataTransfer.types].includes("Files")
  root.addEventListener("dragover", (event) => {
    if (!files(event)) return
    event.preventDefault()
    root.classList.add("dropping")
  })
  root.addEventListener("dragleave", (event) => { if (!root.contains(event.relatedTarget)) root.classList.remove("dropping") })
  root.addEventListener("drop", (event) => {
    root.classList.remove("dropping")
    if (!files(event)) return
    event.preventDefault()
    add(event.dataTransfer.files)
  })
}

async function deliver(entry) {
  const body = new FormData()
  body.append("photo", entry.file)
  body.append("caption", entry.caption)
  body.append("client_id", entry.id)
  for (let failures = 0; ; failures += 1) {
    say(entry, t(failures ? "js_retrying" : "js_photo_uploading"))
    try {
      await upload(`/console/api/handoffs/${entry.handoff}/photo`, body)
      sending = sending.filter((each) => each !== entry)
      say(entry, t("js_sent"))
      conversation.refresh()
      return
    } catch (failure) {
      if (!failure.passing || failures >= WAITS_MS.length) return say(entry, t("js_not_sent", { why: failure.message }), true)
      await new Promise((done) => setTimeout(done, WAITS_MS[failures]))
      if (!sending.includes(entry)) return
    }
  }
}

function bubble(entry) {
  const line = Object.assign(document.createElement("li"), { className: "line operator" })
  line.dataset.client = entry.id
  const inner = Object.assign(document.createElement("div"), { className: "bubble" })
  inner.append(entry.canvas)
  if (entry.caption) inner.append(Object.assign(document.createElement("p"), { className: "text", textContent: entry.caption }))
  line.append(inner, Object.assign(document.createElement("p"), { className: "delivery" }))
  pending.append(line)
  say(entry, entry.failed || t("js_photo_uploading"), Boolean(entry.failed))
  conversation.toBottom()
}

function say(entry, words, failed = false) {
  entry.failed = failed ? words : ""
  const place = lineOf(entry)?.querySelector(".delivery")
  if (!place) return
  place.classList.toggle("failed", failed)
  place.replaceChildren(words)
  for (const [act, key] of failed ? [["photo-retry", "js_retry"], ["photo-drop", "js_photo_drop"]] : []) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: t(key) })
    button.dataset.do = act
    place.append(" ", button)
  }
}

function forget(entry) {
  sending = sending.filter((each) => each !== entry)
  lineOf(entry)?.remove()
}

function here(entry) {
  return entry.conversation === conversation.current()
}

function lineOf(entry) {
  return pending.querySelector(`[data-client="${entry.id}"]`)
}
