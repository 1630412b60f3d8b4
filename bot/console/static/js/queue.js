// The left column: fetched when it changed, focus and opened row kept.
import { get } from "./net.js"
import { coalesced } from "./live.js"
import { tick } from "./clock.js"
import { watch } from "./alarm.js"

const column = document.querySelector("#queue")
let html = null
let ids = new Set()
let opened = ""

export const refresh = coalesced(async () => {
  const others = column.querySelector("#others")?.open ? "?others=1" : ""
  const answer = await get(`/console/api/queue${others}`).catch(() => null)
  if (!answer) return
  ids = new Set(answer.conversations)
  if (answer.html !== html) put(answer.html)
  watch(answer)
})

// Colleagues' citizens are fetched when somebody looks at them: "toggle" does not bubble, so it is caught on its way down.
column.addEventListener("toggle", (event) => { if (event.target.open && !event.target.querySelector(".row")) refresh() }, true)

export function concerns(topics) {
  return topics.has("queue") || [...topics].some((topic) => ids.has(topic))
}

export function mark(conversation) {
  opened = conversation
  for (const row of rows()) {
    const here = row.dataset.conversation === conversation
    row.classList.toggle("opened", here)
    here ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current")
  }
}

export function step(by) {
  const all = rows()
  const from = all.findIndex((row) => row === document.activeElement)
  const start = from >= 0 ? from + by : Math.max(0, all.findIndex((row) => row.dataset.conversation === opened))
  all[Math.min(Math.max(start, 0), all.length - 1)]?.focus()
}

export function focused() {
  return document.activeElement?.closest?.(".row") ?? null
}

export function rowOf(conversation) {
  return rows().find((row) => row.dataset.conversation === conversation) ?? null
}

function put(fresh) {
  html = fresh
  const kept = focused()?.dataset.conversation
  const others = column.querySelector("#others")?.open
  column.innerHTML = fresh
  const details = column.querySelector("#others")
  if (details && others) details.open = true
  tick(column)
  mark(opened)
  if (kept) rowOf(kept)?.focus()
}

function rows() {
  return [...column.querySelectorAll(".row")].filter((row) => row.offsetParent)
}
