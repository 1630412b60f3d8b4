// One key for everything that is done often. None works while somebody types or chooses a browser command.
import * as alarm from "./alarm.js"
import * as asking from "./asking.js"
import * as canned from "./canned.js"
import * as composer from "./composer.js"
import * as conversation from "./conversation.js"
import * as queue from "./queue.js"
import * as referral from "./referral.js"
import * as ticketform from "./ticketform.js"

const help = document.querySelector("#help")

const ACTS = {
  j: () => queue.step(1),
  k: () => queue.step(-1),
  ArrowDown: () => queue.focused() && (queue.step(1), true),
  ArrowUp: () => queue.focused() && (queue.step(-1), true),
  c: claim,
  s: () => composer.suggest(),
  r: () => composer.focus(),
  i: () => conversation.toggleContext(),
  n: () => composer.toggleNote(true),
  "/": () => canned.open(),
  x: () => asking.ask("correct"),
  t: () => asking.ask("transfer"),
  g: () => asking.ask("merge"),
  b: () => conversation.act("return"),
  e: () => asking.ask("ending"),
  v: () => document.querySelector("#show-contact")?.click(),
  o: () => ticketform.open(),
  p: () => referral.open(),
  d: () => document.querySelector("#presence [aria-pressed=true]")?.focus(),
  m: () => alarm.toggle(),
  a: () => alarm.toggleAlerts(),
  "?": () => help.showModal(),
}

export function start() {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return
    if (event.key === "Escape") return leave()
    if (event.key === "/" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); return canned.open() }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    if (event.target.closest("input, textarea, select, dialog, audio") || !ACTS[event.key]) return
    if (event.key.startsWith("Arrow") && !queue.focused()) return
    event.preventDefault()
    ACTS[event.key]()
  })
  document.querySelector("#help-open").addEventListener("click", () => help.showModal())
}

async function claim() {
  const row = queue.focused()
  if (row && !(await conversation.open(row.dataset.conversation))) return
  await conversation.act("claim")
}

function leave() {
  if (document.body.classList.contains("context-shown")) conversation.toggleContext(false)
  else if (composer.noting()) composer.toggleNote(false)
  else if (document.activeElement?.id === "words") (queue.rowOf(conversation.current()) ?? document.querySelector("#scroller")).focus()
}
