// The supervisor's page, live; what she is choosing is not taken from under her hand.
import * as clock from "./clock.js"
import { get, post } from "./net.js"
import { coalesced, follow } from "./live.js"
import { t } from "./texts.js"
import { notice, pressedTwice, watchSession } from "./ui.js"

const place = document.querySelector("#overview")
const EVERY_MS = 30000 // the day's figures grow with time alone
const SOON_MS = 1000
let html = null
let again = 0

const refresh = coalesced(async () => {
  clearTimeout(again)
  if (busy()) return
  const answer = await get("/console/api/supervisor").catch(() => null)
  if (answer && answer.html !== html && !busy()) put(answer.html)
})

// She is choosing from a list, or asked whether she means it: the page waits for that.
function busy() {
  const hand = place.querySelector("select:focus, .sure")
  if (hand) again = setTimeout(refresh, SOON_MS)
  return Boolean(hand)
}

function put(fresh) {
  html = fresh
  const focused = document.activeElement?.id
  const chosen = [...place.querySelectorAll("select")].map((select) => [select.id, select.value])
  place.innerHTML = html
  for (const [id, value] of chosen) {
    const select = document.getElementById(id)
    if (select?.querySelector(`option[value="${value}"]`)) select.value = value
  }
  if (focused) document.getElementById(focused)?.focus()
  clock.tick(place)
}

async function act(path, body) {
  try {
    const answer = await post(path, body)
    if (answer.conversation) location.href = `/console/conversations/${answer.conversation}`
  } catch (failure) {
    notice(failure.message)
  }
  await refresh()
}

function assign(handoff) {
  const select = document.getElementById(`to-${handoff}`)
  if (select.value) return act(`/console/api/handoffs/${handoff}/assign`, { account: Number(select.value) })
  notice(t("js_choose_operator"))
  select.focus()
}

function concerns(topics) {
  return topics.has("queue") || [...topics].some((topic) => place.querySelector(`[data-conversation="${CSS.escape(topic)}"]`))
}

clock.start()
watchSession()
place.addEventListener("click", (event) => {
  const button = event.target.closest("[data-assign], [data-take]")
  if (button?.dataset.assign) assign(button.dataset.assign)
  else if (button && pressedTwice(button)) {
    button.classList.remove("sure")
    act(`/console/api/handoffs/${button.dataset.take}/take-over`)
  }
})
follow({ changed: (topics) => { if (concerns(topics)) refresh() }, afresh: refresh })
setInterval(refresh, EVERY_MS)
