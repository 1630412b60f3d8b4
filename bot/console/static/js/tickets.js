// The list of tickets: clocks that go on, fetched anew when something changed, several accepted at once, keys.
import * as clock from "./clock.js"
import { coalesced, follow } from "./live.js"
import { get, post } from "./net.js"
import { t } from "./texts.js"
import { notice, watchSession } from "./ui.js"

const list = document.querySelector("#tickets")
let html = null
let lastTicked = null

const refresh = coalesced(async () => {
  const answer = await get(`/console/api/tickets${location.search}`).catch(() => null)
  if (!answer) return
  for (const place of document.querySelectorAll("[data-count]")) place.textContent = answer.counts[place.dataset.count]
  if (answer.html === html) return
  const kept = document.activeElement?.closest?.(".ticket")?.getAttribute("href")
  const ticked = new Set(numbers())
  list.innerHTML = html = answer.html
  for (const box of ticks()) box.checked = ticked.has(box.value)
  if (kept) list.querySelector(`[href="${kept}"]`)?.focus()
  tally()
  clock.tick()
})

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
  if (box && event.shiftKey && lastTicked) between(lastTicked, box)
  if (box) lastTicked = box
  if (event.target.closest("[data-accept-many]")) acceptMany(event.target.closest("[data-accept-many]"))
})
list.addEventListener("change", (event) => {
  if ("all" in event.target.dataset) for (const box of ticks()) box.checked = event.target.checked
  tally()
})

function between(one, other) {
  const all = ticks()
  const [from, to] = [all.indexOf(one), all.indexOf(other)].sort((a, b) => a - b)
  if (from >= 0) for (const box of all.slice(from, to + 1)) box.checked = other.checked
}

async function acceptMany(button) {
  const chosen = numbers()
  if (!chosen.length || button.disabled) return
  button.disabled = true
  try {
    const { accepted, refused } = await post("/console/api/tickets/accept", { numbers: chosen })
    const words = [t("js_accepted_many", { n: accepted }), ...refused.map(({ number, why }) => `${number} ${why}`)]
    for (const box of ticks()) box.checked = false
    notice(words.join(" "))
    refresh()
  } catch (failure) {
    button.disabled = false
    const problem = list.querySelector(".bulk .problem")
    problem.textContent = failure.message
    problem.hidden = false
  }
}

// j and k walk, x ticks, a accepts what is ticked, / searches.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=checkbox]), select, textarea")) return
  const all = [...list.querySelectorAll("a.ticket")]
  const here = all.indexOf(document.activeElement?.closest("li")?.querySelector("a.ticket"))
  if (event.key === "j" || event.key === "k") {
    all[Math.min(Math.max(here + (event.key === "j" ? 1 : -1), 0), all.length - 1)]?.focus()
  } else if (event.key === "x" && here >= 0) {
    all[here].closest("li").querySelector("[data-tick]")?.click()
    all[here].focus()
  } else if (event.key === "a") {
    list.querySelector("[data-accept-many]")?.click()
  } else if (event.key === "/") {
    event.preventDefault()
    document.querySelector("#search").focus()
  }
})

clock.start()
watchSession()
tally()
follow({ changed: (topics) => { if (topics.has("tickets")) refresh() }, afresh: refresh })
