// On duty, on a break or off, in the top bar of every page; and what happened while nobody was heard of here.
import * as live from "./live.js"
import { get, post } from "./net.js"
import { t } from "./texts.js"
import { notice, pressedTwice } from "./ui.js"

const group = document.querySelector("#presence")
const banner = document.querySelector("#vanished")
const buttons = [...group.querySelectorAll("button")]

group.addEventListener("click", (event) => choose(event.target.closest("button")))
group.addEventListener("keydown", (event) => {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (!by) return
  event.preventDefault()
  buttons[(buttons.indexOf(document.activeElement) + by + buttons.length) % buttons.length].focus()
})
banner.querySelector("button").addEventListener("click", () => put("on"))
window.addEventListener("yb:changed", (event) => { if (event.detail.has("queue")) refresh() })
window.addEventListener("yb:afresh", refresh)
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh() })
// Every open page of hers beats, also one that shows nothing live.
window.addEventListener("load", () => { if (!live.following()) live.follow({ changed: () => {}, afresh: () => {} }) })
refresh()

async function refresh() {
  const now = await get("/console/api/presence").catch(() => null)
  if (now) show(now)
}

async function choose(button) {
  if (!button || button.getAttribute("aria-pressed") === "true" || !pressedTwice(button)) return
  await put(button.dataset.presence)
}

async function put(presence) {
  try {
    show(await post("/console/api/presence", { presence }))
    notice(t("js_presence_now", { presence: buttons.find((b) => b.dataset.presence === presence).textContent }))
  } catch (failure) {
    notice(failure.message)
  }
}

function show({ presence, vanished, released, held }) {
  for (const button of buttons) {
    button.disabled = false
    button.setAttribute("aria-pressed", String(button.dataset.presence === presence))
  }
  const off = buttons.find((b) => b.dataset.presence === "off")
  if (held) off.dataset.sure = t("js_off_sure", { n: held })
  else delete off.dataset.sure
  const words = t(released ? "js_vanished" : "js_vanished_nobody", { n: released })
  const told = banner.querySelector("span")
  if (vanished && told.textContent !== words) told.textContent = words
  banner.hidden = !vanished
  document.body.classList.toggle("vanished-shown", vanished)
}
