// Ctrl+K on every page: a phone call is written up while the caller speaks. Words wait in localStorage until the server
// has them, under one id, so that the call is stored once; number and name only as long as the tab is open. Closing the
// dialog throws nothing away: only "clear" does, and asks.
import { hint, post } from "./net.js"
import { t } from "./texts.js"
import { itemBox } from "./itembox.js"
import { newId, sendOnce, showProblems } from "./form.js"
import { pressedTwice } from "./ui.js"

const PAUSE_MS = 400
const COMPLETE = 7 // digits from which on a number may be whole
const actor = document.querySelector('meta[name="yb-actor"]').content
const dialog = document.querySelector("#call-dialog")
const form = dialog.querySelector("form")
const guess = dialog.querySelector("#call-guess")
const advice = dialog.querySelector("#call-advice")
const past = dialog.querySelector("#call-history")
const { words, number, name, language, answer } = form.elements
const item = form.querySelector("[name=item]")
const itemName = form.querySelector("[role=combobox]")
const KEY = `yb:${actor}:call:new`
const box = itemBox(form.querySelector("[data-item-box]"), () => { keep(); mark() })
let best = ""
const hear = latest(PAUSE_MS, understand)
const look = latest(PAUSE_MS, lookUp)
const advise = latest(0, showAdvice)
let id = newId()

document.querySelector("#call-open").addEventListener("click", open)
document.querySelector("#logout").addEventListener("submit", forget)
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return
  event.preventDefault()
  if (!document.querySelector("dialog[open]")) open()
})
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close())
dialog.querySelector("[data-anew]").addEventListener("click", (event) => { if (pressedTwice(event.currentTarget)) anew() })
dialog.querySelector("[data-told]").addEventListener("click", told)
dialog.querySelector("[data-explained]").addEventListener("click", () => save("explained"))
guess.addEventListener("click", (event) => choose(event.target.closest("[data-item]")))
words.addEventListener("input", () => { keep(); hear() })
language.addEventListener("change", () => { keep(); hear() })
number.addEventListener("input", () => { keep(); look() })
name.addEventListener("input", keep)
answer.addEventListener("input", keep)
form.addEventListener("submit", (event) => { event.preventDefault(); save() })
form.addEventListener("keydown", (event) => {
  if (event.isComposing) return
  const nth = event.altKey && event.code.match(/^(?:Digit|Numpad)([1-5])$/)?.[1] // Alt changes the sign on some keyboards
  const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey)
  if (nth) choose(guess.querySelectorAll("[data-item]")[nth - 1])
  if (sends) save()
  if (nth || sends || (event.key === "Enter" && event.target.matches("input"))) event.preventDefault()
})

function open() {
  if (dialog.open) return
  restore()
  dialog.showModal()
  begin()
}

function begin() {
  const lead = dialog.querySelector("#call-lead")
  lead.textContent = words.value.trim() || number.value ? lead.dataset.restored : lead.dataset.lead
  showProblems(form)
  number.focus()
  hear()
  look()
}

function anew() {
  forget()
  restore()
  begin()
}

// One request at a time, after a pause: what was asked before is given up.
function latest(pause, ask) {
  let timer = 0
  let running = new AbortController()
  return () => {
    clearTimeout(timer)
    running.abort()
    running = new AbortController()
    const { signal } = running
    timer = setTimeout(() => ask(signal).catch(() => {}), pause)
  }
}

async function understand(signal) {
  const text = words.value.trim()
  const empty = Object.assign(document.createElement("p"), { className: "muted", textContent: guess.dataset.empty })
  const heard = text.length < 2 ? { html: empty.outerHTML, best: "" }
    : await hint("/console/api/calls/understand", { text, language: language.value }, signal)
  if (signal.aborted) return
  best = heard.best
  show(heard.html)
}

// What can be read out about the item she chose, or a save would take.
async function showAdvice(signal) {
  const code = item.value || best
  const sent = { item: code, text: words.value, language: language.value }
  const { words: said } = code ? await hint("/console/api/calls/advice", sent, signal).catch(() => ({ words: "" })) : { words: "" }
  if (signal.aborted) return
  advice.querySelector(".read-out").textContent = said
  advice.hidden = !said
}

function told() {
  const said = advice.querySelector(".read-out").textContent
  if (!answer.value.includes(said)) answer.value = `${answer.value.trim()}\n${said}`.trim()
  keep()
  answer.focus()
}

let shown = ""
function show(html) {
  if (html !== shown) guess.innerHTML = shown = html // unchanged, it is not read aloud again
  mark()
}

async function lookUp(signal) {
  if (number.value.replace(/\D/g, "").length < COMPLETE) return past.replaceChildren()
  const { html } = await hint("/console/api/calls/history", { number: number.value }, signal).catch(() => ({ html: "" }))
  if (!signal.aborted) past.innerHTML = html
}

function choose(button) {
  if (!button) return
  const off = button.dataset.item === item.value
  box.set(off ? "" : button.dataset.item, off ? "" : button.dataset.name)
  keep()
  mark()
}

function mark() {
  for (const one of guess.querySelectorAll("[data-item]")) one.setAttribute("aria-pressed", String(one.dataset.item === item.value))
  advise()
}

async function save(outcome = "") {
  await sendOnce(form, async () => {
    showProblems(form)
    keep()
    try {
      const { conversation, next } = await post("/console/api/calls", {
        words: words.value, number: number.value, name: name.value, language: language.value, item: item.value,
        answer: answer.value, outcome, client_id: id,
      })
      forget()
      location.href = outcome ? "/console/calls" : `/console/conversations/${conversation}${next && `#${next}`}`
    } catch (failure) {
      showProblems(form, failure.fields, failure.passing ? t("js_form_lost", { why: failure.message }) : failure.message)
    }
  })
}

function keep() {
  localStorage.setItem(KEY, JSON.stringify({
    id, words: words.value, language: language.value, answer: answer.value, item: item.value,
    itemName: item.value ? itemName.value : "",
  }))
  sessionStorage.setItem(KEY, JSON.stringify({ number: number.value, name: name.value }))
}

function restore() {
  const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}")
  const caller = JSON.parse(sessionStorage.getItem(KEY) ?? "{}")
  id = kept.id ?? newId()
  words.value = kept.words ?? ""
  language.value = kept.language ?? "zh"
  answer.value = kept.answer ?? ""
  box.set(kept.item ?? "", kept.itemName ?? "")
  number.value = caller.number ?? ""
  name.value = caller.name ?? ""
}

function forget() {
  localStorage.removeItem(KEY)
  sessionStorage.removeItem(KEY)
}
