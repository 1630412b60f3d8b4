// "p": the citizen passed on to a vendor or volunteer team. Number keys and arrows choose, Enter sends.
import { get, post } from "./net.js"
import { t } from "./texts.js"
import { notice } from "./ui.js"
import { itemBox } from "./itembox.js"
import { newId, openSheet, sendOnce, showProblems } from "./sheet.js"
import * as conversation from "./conversation.js"

const dialog = document.querySelector("#referral-dialog")

export async function open() {
  const form = await openSheet(dialog, "referral")
  if (!form) return
  const id = newId()
  itemBox(form.querySelector("[data-item-box]"), () => list(form))
  form.elements.street.addEventListener("change", () => list(form))
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(form, id) })
  form.addEventListener("keydown", (event) => pressed(event, form))
  focus(form)
}

async function list(form) {
  const { street } = form.elements
  const facts = new URLSearchParams({ item: itemOf(form), street: street.value })
  try {
    form.querySelector("[data-listing]").innerHTML = (await get(`/console/api/handoffs/${form.dataset.handoff}/providers?${facts}`)).html
    if (document.activeElement !== street) focus(form)
  } catch (failure) {
    showProblems(form, {}, failure.message)
  }
}

// Not form.elements.item: that is a method of every collection.
function itemOf(form) {
  return form.querySelector("[name=item]").value
}

function pressed(event, form) {
  if (event.target.closest("[role=combobox], select") || event.ctrlKey || event.metaKey || event.altKey) return
  const nth = form.querySelectorAll("[name=provider]")[Number(event.key) - 1]
  if (!nth) return
  event.preventDefault()
  nth.checked = true
  nth.focus()
}

function focus(form) {
  const first = form.querySelector("[name=provider]:checked")
  if (first) first.focus()
  else form.querySelector("[role=combobox]").focus()
}

async function submit(form, id) {
  const chosen = form.querySelector("[name=provider]:checked")
  if (!chosen) return
  await sendOnce(form, async () => {
    showProblems(form)
    const sent = { item: itemOf(form), provider: chosen.value, street: form.elements.street.value, client_id: id }
    try {
      await post(`/console/api/handoffs/${form.dataset.handoff}/referral`, sent)
      dialog.close()
      notice(t(conversation.facts().spoken ? "js_referral_sent_call" : "js_referral_sent", { name: chosen.dataset.name }))
      conversation.refresh()
    } catch (failure) {
      const words = failure.passing ? t("js_form_lost", { why: failure.message }) : failure.message
      showProblems(form, {}, words)
    }
  })
}
