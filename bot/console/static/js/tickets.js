// The list of tickets: clocks that go on, fetched anew when something changed, several accepted at once, keys. Where it
// was left is kept for this tab, so that the way back from a ticket leads there.
import * as clock from "./clock.js"
import { coalesced, follow } from "./live.js"
import { get, post } from "./net.js"
import { t } from "./texts.js"
import { notice, watchSession } from "./ui.js"

const list = document.querySelector("#tickets")
const help = document.querySelector("#help")
let html = null
let lastTicked = "" // its number: the list is made anew while somebody ticks

const refresh = coalesced(async () => {
  const answer = await get(`/console/api/tickets${location.search}`).catch(() => null)
  if (!answer) return
  for (const place of document.querySelectorAll("[data-count]")) place.textContent = answer.counts[place.dataset.count]
  if (answer.html === html) return
  const at = links().indexOf(focused())
  const kept = focused()?.getAttribute("href")
  const chosen = new Set(numbers())
  list.innerHTML = html = answer.html
  for (const box of ticks()) box.checked = chosen.has(box.value)
  if (kept) (list.querySelector(`[href="${kept}"]`) ?? links()[Math.min(at, links().length - 1)])?.focus()
  tally()
  clock.tick()
})

const links = () => [...list.querySelectorAll("a.ticket")]
const focused = () => list.contains(document.activeElement) ? document.activeElement.closest("li")?.querySelector("a.ticket") : null
const ticks = () => [...list.querySelectorAll("[data-tick]")]
const numbers = () => ticks().filter((box) => box.checked).map((box) => box.value)

function tally() {
  const button = list.querySelector("[data-accept-many]")
  if (!button) return
  const chosen = numbers().length
  button.disabled = !chosen
  button.querySelector("[data-ticked]").textContent = chosen ? ` (${chosen})` : ""
  list.querySelector("[data-all]").checked = chosen > 0 && chosen === ticks().length
}

list.addEventListener("click", (event) => {
  const box = event.target.closest("[data-tick]")
  if (box) ticked(box, event.shiftKey)
  if (event.target.closest("[data-accept-many]")) acceptMany(event.target.closest("[data-accept-many]"))
})
list.addEventListener("change", (event) => {
  if ("all" in event.target.dataset) for (const box of ticks()) box.checked = event.target.checked
  tally()
})

// With Shift all from the one ticked before.
function ticked(box, range) {
  const all = ticks()
  const [from, to] = [all.findIndex((one) => one.value === lastTicked), all.indexOf(box)].sort((a, b) => a - b)
  if (range && from >= 0) for (const one of all.slice(from, to + 1)) one.checked = box.checked
  lastTicked = box.value
  tally()
}

async function acceptMany(button) {
  const chosen = numbers()
  if (!chosen.length || button.disabled) return
  button.disabled = true
  try {
    const { accepted, refused } = await post("/console/api/tickets/accept", { numbers: chosen })
    const not = refused.length ? [t("js_refused_many", { n: refused.length })] : []
    const words = [t("js_accepted_many", { n: accepted }), ...not, ...refused.map(({ number, why }) => `${number} ${why}`)]
    for (const box of ticks()) box.checked = false
    notice(words.join(" "), { seconds: refused.length ? 30 : 7 })
    refresh()
  } catch (failure) {
    button.disabled = false
    const problem = list.querySelector(".bulk .problem")
    problem.textContent = failure.message
    problem.hidden = false
  }
}

// j and k walk, x ticks (with Shift, all up to here), a accepts what is ticked, / searches, ? shows the keys.
const ACTS = {
  j: () => step(1),
  k: () => step(-1),
  x: () => tick(false),
  X: () => tick(true),
  a: () => list.querySelector("[data-accept-many]")?.click(),
  "/": () => document.querySelector("#search").focus(),
  "?": () => help.showModal(),
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
  if (event.target.matches("input:not([type=checkbox]), select, textarea") || !Object.hasOwn(ACTS, event.key)) return
  event.preventDefault()
  ACTS[event.key]()
})
document.querySelector("#help-open").addEventListener("click", () => help.showModal())

function step(by) {
  const all = links()
  all[Math.min(Math.max(all.indexOf(focused()) + by, 0), all.length - 1)]?.focus()
}

function tick(range) {
  const box = focused()?.closest("li").querySelector("[data-tick]")
  if (!box) return
  box.checked = !box.checked
  ticked(box, range)
}

// Back from a ticket, its row has the focus again.
const left = document.referrer.split("/console/tickets/")[1]
if (left) links().find((link) => link.pathname.endsWith(`/${left}`))?.focus()
sessionStorage.setItem("yb:tickets", location.search)

clock.start()
watchSession()
tally()
follow({ changed: (topics) => { if (topics.has("tickets")) refresh() }, afresh: refresh })
