// What changed, as it changes. After a gap (sleep, lost network, restart) everything shown is fetched anew.
import { t } from "./texts.js"

const QUIET_MS = 25000
const RETRY_MS = 3000
const state = document.querySelector("#link-state")
let source = null
let heardAt = 0
let signedOut = false
let followed = false
window.addEventListener("yb:signed-out", () => { signedOut = true; source?.close() })

export const following = () => followed

export function follow({ changed, afresh }) {
  followed = true
  connect()
  setInterval(() => { if (Date.now() - heardAt > QUIET_MS) connect() }, 5000)
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return
    if (Date.now() - heardAt > QUIET_MS || source?.readyState !== EventSource.OPEN) connect()
    afresh()
  })
  window.addEventListener("online", connect)
  window.addEventListener("pageshow", (event) => { if (event.persisted) { connect(); afresh() } })
  window.addEventListener("pagehide", () => source?.close())

  function connect() {
    if (signedOut) return
    source?.close()
    heardAt = Date.now()
    source = new EventSource("/console/events")
    on("hello", () => { show("live"); afresh(); window.dispatchEvent(new Event("yb:afresh")) })
    on("change", (event) => {
      const topics = new Set(JSON.parse(event.data).topics)
      changed(topics)
      window.dispatchEvent(new CustomEvent("yb:changed", { detail: topics }))
    })
    on("ping", () => show("live"))
    on("signed_out", () => { source.close(); window.dispatchEvent(new Event("yb:signed-out")) })
    source.addEventListener("error", () => {
      show("lost")
      if (source.readyState !== EventSource.CLOSED) return // the browser tries again by itself
      setTimeout(connect, RETRY_MS)
      afresh() // says so where it is the session that has ended
    })
  }

  function on(name, act) {
    source.addEventListener(name, (event) => { heardAt = Date.now(); act(event) })
  }
}

function show(now) {
  if (state.dataset.state === now) return
  state.dataset.state = now
  state.textContent = t(`js_${now}`)
}

// One run at a time; a call meanwhile means one more run afterwards.
export function coalesced(work) {
  let running = null
  let again = false
  return function run() {
    if (running) { again = true; return running }
    running = (async () => {
      do { again = false; await work() } while (again)
    })().finally(() => { running = null })
    return running
  }
}
