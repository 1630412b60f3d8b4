// The list of tickets: clocks that go on, fetched anew when something changed.
import * as clock from "./clock.js"
import { coalesced, follow } from "./live.js"
import { get } from "./net.js"
import { watchSession } from "./ui.js"

const list = document.querySelector("#tickets")
let html = null

const refresh = coalesced(async () => {
  const answer = await get(`/console/api/tickets?state=${list.dataset.chosen}`).catch(() => null)
  if (!answer || answer.html === html) return
  const kept = document.activeElement?.closest?.(".ticket")?.getAttribute("href")
  list.innerHTML = html = answer.html
  if (kept) list.querySelector(`[href="${kept}"]`)?.focus()
  clock.tick()
})

clock.start()
watchSession()
follow({ changed: (topics) => { if (topics.has("tickets")) refresh() }, afresh: refresh })
