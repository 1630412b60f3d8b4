// The middle and right columns: opening a conversation, and following it as it grows.
import { get, post } from "./net.js"
import { coalesced } from "./live.js"
import { tick } from "./clock.js"
import { notice, pressedTwice } from "./ui.js"
import * as composer from "./composer.js"
import * as photo from "./photo.js"
import * as queue from "./queue.js"
import * as seen from "./seen.js"
import * as typing from "./typing.js"

const part = (id) => document.querySelector(`#${id}`)
const root = part("conversation")
const scroller = part("scroller")
const lines = part("lines")
let at = { id: "", seq: 0, event: 0, note: 0, first: 0 }
let contact = null
let headHtml = ""
let contextHtml = ""

export const current = () => at.id
export const facts = () => part("head").querySelector(".head")?.dataset ?? {}

export function start() {
  const { conversation, seq, event, note, first } = root.dataset
  if (conversation) {
    at = { id: conversation, seq: Number(seq), event: Number(event), note: Number(note), first: Number(first) }
    queue.mark(at.id)
    settle()
    toBottom()
  }
  part("earlier").addEventListener("click", earlier)
  part("newer").addEventListener("click", toBottom)
  scroller.addEventListener("scroll", () => { if (nearBottom()) part("newer").hidden = true })
  root.addEventListener("click", clicked)
  part("context").addEventListener("click", clicked)
  // Photos and web fonts arrive late and push the end down.
  lines.addEventListener("load", () => { if (following) toBottom() }, true)
  scroller.addEventListener("scroll", () => { following = nearBottom(); tellSeen() })
  document.addEventListener("visibilitychange", tellSeen)
}

let following = true

export async function open(id, { push = true } = {}) {
  if (id === at.id) { document.body.classList.add("opened"); return true }
  let answer
  try {
    answer = await get(`/console/api/conversations/${id}`)
  } catch (failure) {
    notice(failure.message)
    return false
  }
  at = { id, seq: answer.seq, event: answer.event, note: answer.note, first: answer.first }
  contact = null
  lines.innerHTML = answer.lines
  part("earlier").hidden = !answer.earlier
  document.body.classList.add("opened")
  document.body.classList.remove("context-shown")
  typing.hide()
  put(answer)
  deliveries(answer.delivery)
  queue.mark(id)
  if (push) history.pushState({}, "", `/console/conversations/${id}`)
  toBottom()
  return true
}

export function close({ push = true } = {}) {
  document.body.classList.remove("opened", "context-shown")
  if (push) history.pushState({}, "", "/console/queue")
  const id = at.id
  at = { id: "", seq: 0, event: 0, note: 0, first: 0 }
  queue.mark("")
  composer.show("", {})
  queue.rowOf(id)?.focus()
}

export const refresh = coalesced(async () => {
  const { id, seq, event, note } = at
  if (!id) return
  const answer = await get(`/console/api/conversations/${id}?after=${seq}&event=${event}&note=${note}`).catch(() => null)
  if (!answer || at.id !== id) return
  const stay = nearBottom()
  const grown = append(answer.lines)
  at.seq = Math.max(at.seq, answer.seq)
  at.event = Math.max(at.event, answer.event)
  at.note = Math.max(at.note, answer.note)
  put(answer)
  deliveries(answer.delivery)
  if (grown && stay) toBottom()
  else if (grown) part("newer").hidden = false
  if (grown) typing.hide()
  tellSeen()
})

// The holder has it on the screen.
function tellSeen() {
  if (facts().mine) seen.look(at.id, at.seq, nearBottom())
}

export async function act(name) {
  const button = part("head").querySelector(`[data-act="${name}"]`)
  if (!button || button.disabled || !pressedTwice(button)) return
  button.disabled = true
  try {
    await post(`/console/api/handoffs/${facts().handoff}/${name}`)
  } catch (failure) {
    notice(failure.message)
    button.disabled = false
  }
  button.classList.remove("sure")
  headHtml = ""
  await Promise.all([refresh(), queue.refresh()])
  if (name === "claim") composer.focus()
}

export function toggleContext(shown) {
  document.body.classList.toggle("context-shown", shown)
  part("context-toggle")?.setAttribute("aria-expanded", String(document.body.classList.contains("context-shown")))
}

function put(answer) {
  const asking = part("head").querySelector(".sure") // do not take a button away between its two presses
  if (asking) setTimeout(refresh, 4500)
  else if (answer.head !== headHtml) part("head").innerHTML = headHtml = answer.head
  if (answer.context !== contextHtml) {
    part("context").innerHTML = contextHtml = answer.context
    if (contact) showContact(contact)
  }
  tick()
  settle()
}

function settle() {
  composer.show(at.id, facts())
  photo.show()
}

function append(html) {
  const fresh = document.createElement("ol")
  fresh.innerHTML = html
  let grown = false
  for (const line of [...fresh.children]) {
    if (document.getElementById(line.id)) continue
    const days = lines.querySelectorAll("[data-day]")
    const last = days[days.length - 1]
    if (last && last.dataset.day === line.dataset.day) line.removeAttribute("data-new-day")
    if (line.dataset.client) composer.arrived(line.dataset.client)
    lines.append(line)
    grown = true
  }
  return grown
}

function deliveries(states) {
  for (const [seq, words] of Object.entries(states)) {
    const place = lines.querySelector(`[data-delivery="${seq}"]`)
    if (place && place.textContent !== words) place.textContent = words
  }
}

async function earlier() {
  const { id, first } = at
  const answer = await get(`/console/api/conversations/${id}/earlier?before=${first}`).catch((failure) => notice(failure.message))
  if (!answer || at.id !== id) return
  const height = scroller.scrollHeight
  const fresh = document.createElement("ol")
  fresh.innerHTML = answer.lines
  const lastDay = fresh.lastElementChild?.dataset.day
  if (lines.firstElementChild?.dataset.newDay === lastDay) lines.firstElementChild.removeAttribute("data-new-day")
  lines.prepend(...[...fresh.children].filter((line) => !document.getElementById(line.id)))
  at.first = answer.first
  part("earlier").hidden = !answer.earlier
  scroller.scrollTop += scroller.scrollHeight - height
}

async function clicked(event) {
  const target = event.target.closest("button, a")
  if (target?.dataset.act) await act(target.dataset.act)
  else if (target?.id === "context-toggle") toggleContext()
  else if (target?.id === "context-close") toggleContext(false)
  else if (target?.id === "back") { event.preventDefault(); close() }
  else if (target && "suggest" in target.dataset) composer.suggest()
  else if (target?.id === "show-contact") await lookAtContact()
}

async function lookAtContact() {
  try {
    contact = (await post(`/console/api/conversations/${at.id}/contact`)).html
    showContact(contact)
    refresh()
  } catch (failure) {
    notice(failure.message)
  }
}

function showContact(html) {
  part("reach").innerHTML = html
  part("show-contact")?.remove()
}

function nearBottom() {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 90
}

export function toBottom() {
  scroller.scrollTop = scroller.scrollHeight
  part("newer").hidden = true
}
