// A dialog whose form comes from the server: opened once, closed by Escape, its problems beside the fields.
import { get } from "./net.js"
import { t } from "./texts.js"
import { notice } from "./ui.js"
import * as conversation from "./conversation.js"

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
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close())
    return dialog.querySelector("form")
  } catch (failure) {
    notice(failure.message)
    return null
  } finally {
    delete dialog.dataset.loading
  }
}

// Words beside the fields they are about, and `message` at the foot; none of both clears all.
export function showProblems(form, fields = {}, message = "") {
  for (const place of form.querySelectorAll("[data-problem]")) {
    const words = place.dataset.problem ? fields[place.dataset.problem] ?? "" : message
    place.textContent = words
    place.hidden = !words
    form.querySelector(`[aria-describedby="${place.id}"]`)?.setAttribute("aria-invalid", String(Boolean(words)))
  }
  form.querySelector('[aria-invalid="true"]')?.focus()
}

// Whatever is pressed meanwhile, one thing is sent at a time.
export async function sendOnce(form, send) {
  if (form.dataset.busy) return
  form.dataset.busy = "1"
  const button = form.querySelector("[type=submit]")
  button.disabled = true
  try {
    await send()
  } finally {
    delete form.dataset.busy
    button.disabled = false
  }
}

// crypto.randomUUID needs https; a console on a plain intranet address has none.
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
