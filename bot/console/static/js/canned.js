// Canned replies: "/" at the start of the box, or Ctrl+/ anywhere, then type to filter, arrows and Enter to insert.
import { get } from "./net.js"
import { t } from "./texts.js"
import { notice } from "./ui.js"
import { listbox } from "./listbox.js"
import * as composer from "./composer.js"
import * as conversation from "./conversation.js"

const box = document.querySelector("#words")
const form = document.querySelector("#composer")
const list = document.querySelector("#canned")
const count = document.querySelector("#canned-count")
const options = listbox(box, list, { chosen: insert })
let replies = []
let of = ""
let from = -1 // where the "/" stands while the list is open
let gaps = new Set()

export function start() {
  // Before the composer's own listeners: Enter inserts while the list is open, and words with a gap are not sent.
  box.addEventListener("keydown", pressed, { capture: true })
  form.addEventListener("submit", (event) => { if (gapLeft()) { event.preventDefault(); event.stopImmediatePropagation() } },
    { capture: true })
  box.addEventListener("input", follow)
  box.addEventListener("blur", close)
}

export function open() {
  if (!composer.writing()) return
  composer.focus()
  const at = box.selectionStart
  box.setRangeText("/", at, box.selectionEnd, "end")
  begin(at)
  changed()
}

function pressed(event) {
  if (from >= 0) {
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); return leave() }
    if (options.pressed(event)) return event.stopImmediatePropagation()
  }
  const sends = event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.isComposing && event.keyCode !== 229
  if (sends && gapLeft()) { event.preventDefault(); event.stopImmediatePropagation() }
}

function follow() {
  if (from < 0 && box.value.startsWith("/") && box.value.length === 1 && composer.writing()) begin(0)
  if (from < 0) return
  if (box.value[from] !== "/" || box.selectionStart <= from) return close()
  filter(box.value.slice(from + 1, box.selectionStart))
}

async function begin(at) {
  from = at
  of = conversation.current()
  const answer = await get(`/console/api/conversations/${of}/canned`).catch((failure) => notice(failure.message))
  if (!answer || of !== conversation.current() || from < 0) return close()
  replies = answer.replies
  filter(box.value.slice(from + 1, box.selectionStart))
}

function filter(words) {
  const wanted = words.trim().toLowerCase()
  const has = (reply) => `${reply.shortcut} ${reply.title} ${reply.text}`.toLowerCase().includes(wanted)
  const found = replies.filter(has).sort((a, b) => b.shortcut.startsWith(wanted) - a.shortcut.startsWith(wanted))
  if (/\n/.test(words)) return close()
  list.replaceChildren(...found.map(option))
  if (!found.length) list.append(Object.assign(document.createElement("li"), { className: "muted", textContent: t("js_canned_none") }))
  list.hidden = false
  count.textContent = t("js_canned_found", { n: found.length })
  options.first()
}

function option(reply, n) {
  const line = Object.assign(document.createElement("li"), { id: `canned-${n}` })
  line.setAttribute("role", "option")
  line.dataset.n = replies.indexOf(reply)
  const head = Object.assign(document.createElement("span"), { className: "row-top" })
  head.append(Object.assign(document.createElement("b"), { textContent: `/${reply.shortcut}` }), ` ${reply.title}`)
  line.append(head, Object.assign(document.createElement("span"), { className: "small", textContent: reply.text }))
  return line
}

function insert(line) {
  const reply = replies[Number(line.dataset.n)]
  box.setRangeText(reply.text, from, box.selectionStart, "end")
  for (const gap of reply.gaps) gaps.add(gap)
  const start = from
  close()
  const first = reply.gaps.map((gap) => [box.value.indexOf(gap, start), gap]).filter(([at]) => at >= 0).sort((a, b) => a[0] - b[0])[0]
  if (first) box.setSelectionRange(first[0], first[0] + first[1].length)
  changed()
}

function gapLeft() {
  if (!composer.writing()) return false
  const gap = [...gaps].find((one) => box.value.includes(one))
  if (!gap) return false
  const at = box.value.indexOf(gap)
  box.focus()
  box.setSelectionRange(at, at + gap.length)
  notice(t("js_gap_left", { gap }))
  return true
}

function leave() {
  const typed = box.value.slice(from, box.selectionStart)
  if (typed === "/") { box.setRangeText("", from, from + 1, "end"); close(); changed() } else close()
}

function close() {
  from = -1
  list.hidden = true
  box.removeAttribute("aria-activedescendant")
  count.textContent = ""
}

function changed() {
  box.dispatchEvent(new Event("input", { bubbles: true }))
}
