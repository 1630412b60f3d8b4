// The supervisor's page, live; a list she is choosing from is not taken away.
import * as clock from "./clock.js"
import { get, post } from "./net.js"
import { coalesced, follow } from "./live.js"
import { notice, watchSession } from "./ui.js"

const place = document.querySelector("#overview")
let html = null

const refresh = coalesced(async () => {
  const answer = await get("/console/api/supervisor").catch(() => null)
  if (!answer || answer.html === html || place.querySelector("select:focus")) return
  html = answer.html
  const focused = document.activeElement?.id
  place.innerHTML = html
  if (focused) document.getElementById(focused)?.focus()
  clock.tick(place)
})

async function act(path, body) {
  try {
    const answer = await post(path, body)
    if (answer.conversation) location.href = `/console/conversations/${answer.conversation}`
  } catch (failure) {
    notice(failure.message)
  }
  document.activeElement?.blur()
  html = null
  await refresh()
}

clock.start()
watchSession()
place.addEventListener("change", (event) => {
  const { assign } = event.target.dataset
  if (assign && event.target.value) act(`/console/api/handoffs/${assign}/assign`, { account: Number(event.target.value) })
})
place.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take]")
  if (button) act(`/console/api/handoffs/${button.dataset.take}/take-over`)
})
follow({ changed: (topics) => { if (topics.size) refresh() }, afresh: refresh })
setInterval(refresh, 30000)
