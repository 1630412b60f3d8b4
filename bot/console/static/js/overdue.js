// On every page of a supervisor: nobody has come to a citizen in five minutes. Said once in each tab, gone once taken.
import { announce, wake } from "./alarm.js"
import { coalesced } from "./live.js"
import { get } from "./net.js"
import { t } from "./texts.js"

const KEY = "yb:overdue"
const SHOWN_SECONDS = 60
let box = null

const refresh = coalesced(async () => {
  const answer = await get("/console/api/supervisor/overdue").catch(() => null)
  if (!answer) return
  const told = JSON.parse(sessionStorage.getItem(KEY) ?? "[]")
  const fresh = answer.overdue.filter((one) => !told.includes(one.handoff))
  sessionStorage.setItem(KEY, JSON.stringify(answer.overdue.map((one) => one.handoff)))
  if (!answer.overdue.length) box?.remove()
  if (fresh.length) box = tell(fresh)
})

function tell(fresh) {
  const [first] = fresh
  const one = fresh.length === 1
  const words = one ? t("js_overdue", first) : t("js_overdue_many", { n: fresh.length })
  const href = one ? `/console/conversations/${first.conversation}` : "/console/supervisor"
  return announce(first, words, true, { link: { href, words: t("js_overdue_look") }, seconds: SHOWN_SECONDS })
}

wake()
window.addEventListener("yb:changed", (event) => { if (event.detail.has("queue")) refresh() })
window.addEventListener("yb:afresh", refresh)
