// How much supervision waits for who is signed in, beside its name in the top bar of every page.
import { coalesced } from "./live.js"
import { get } from "./net.js"
import { t } from "./texts.js"

const MOST = 99
const place = document.querySelector("#owed")

const refresh = coalesced(async () => {
  const answer = await get("/console/api/supervision/owed").catch(() => null)
  if (!answer) return
  const n = answer.owed
  place.hidden = n === 0
  const [shown, said] = place.children
  shown.textContent = n > MOST ? `${MOST}+` : String(n)
  said.textContent = t("js_owed", { n })
})

refresh()
window.addEventListener("yb:changed", (event) => { if (event.detail.has("tickets")) refresh() })
window.addEventListener("yb:afresh", refresh)
