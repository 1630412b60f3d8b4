// A dialog whose form comes from the server: opened once, closed by Escape, its problems beside the fields.
import { get } from "./net.js"
import { t } from "./texts.js"
import { notice } from "./ui.js"
import * as conversation from "./conversation.js"

export { newId, sendOnce, showProblems } from "./form.js"

// Opens `dialog` with the form at `/console/api/handoffs/<held>/<path>`; the form, or null where there is none.
export async function openSheet(dialog, path) {
  const { handoff, mine } = conversation.facts()
  if (!mine) { notice(t("js_not_yours")); return null }
  if (dialog.open || dialog.dataset.loading) return null
  dialog.dataset.loading = "1"
  try {
    const { html } = await get(`/console/api/handoffs/${handoff}/${path}`)
    if (conversation.facts().handoff !== handoff) return null
    dialog.innerHTML = html
    dialog.showModal()
    dialog.addEventListener("close", refocus, { once: true })
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close())
    return dialog.querySelector("form")
  } catch (failure) {
    notice(failure.message)
    return null
  } finally {
    delete dialog.dataset.loading
  }
}

// The row that had the focus may have been drawn anew meanwhile.
function refocus() {
  if (document.activeElement === document.body) document.querySelector("#scroller").focus()
}
