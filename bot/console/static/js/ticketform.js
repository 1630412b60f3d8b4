// "o", then Ctrl+Enter: a ticket for the citizen. What was written waits in localStorage until it is submitted, under
// one id, so that it opens one ticket; names and numbers are not kept there.
import { get, post } from "./net.js"
import { t } from "./texts.js"
import { notice } from "./ui.js"
import { itemBox } from "./itembox.js"
import { newId, openSheet, sendOnce, showProblems } from "./sheet.js"
import * as conversation from "./conversation.js"

const KEPT = ["item", "kind", "description", "place", "street", "when"]
const dialog = document.querySelector("#ticket-dialog")
const actor = document.querySelector('meta[name="yb-actor"]').content

export async function open() {
  const form = await openSheet(dialog, "ticket")
  if (!form) return
  const key = `yb:${actor}:ticket:${conversation.current()}`
  const state = { key, id: newId(), terms: form.querySelector("[data-terms]") }
  const box = itemBox(form.querySelector("[data-item-box]"), () => { keep(form, state); showTerms(form, state) })
  await restore(form, state, box)
  form.addEventListener("input", () => keep(form, state))
  form.addEventListener("change", (event) => { if (event.target.name === "on_record") showOther(form) })
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(form, state) })
  form.addEventListener("keydown", (event) => {
    if (event.isComposing) return
    const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey)
    if (sends) submit(form, state)
    if (sends || (event.key === "Enter" && event.target.matches("input"))) event.preventDefault()
  })
  form.querySelector(itemOf(form) ? "[type=submit]" : "[role=combobox]").focus()
}

async function submit(form, state) {
  await sendOnce(form, async () => {
    showProblems(form)
    keep(form, state)
    try {
      const { number } = await post(`/console/api/handoffs/${form.dataset.handoff}/ticket`, values(form, state))
      localStorage.removeItem(state.key)
      dialog.close()
      notice(t(conversation.facts().spoken ? "js_ticket_opened_call" : "js_ticket_opened", { number }), { link: { href: `/console/tickets/${number}`, words: number } })
      conversation.refresh()
    } catch (failure) {
      const words = failure.passing ? t("js_form_lost", { why: failure.message }) : failure.message
      showProblems(form, failure.fields, words)
    }
  })
}

function values(form, { id }) {
  const data = new FormData(form)
  const sent = Object.fromEntries([...KEPT, "name", "phone"].map((name) => [name, String(data.get(name) ?? "")]))
  const record = Boolean(data.get("on_record"))
  return {
    ...sent, ...(record ? { name: "", phone: "" } : {}), on_record: record, client_id: id,
    photos: data.getAll("photos").map(Number),
  }
}

function keep(form, { key, id }) {
  const data = new FormData(form)
  const words = Object.fromEntries(KEPT.map((name) => [name, data.get(name) ?? ""]))
  localStorage.setItem(key, JSON.stringify({ ...words, id, name: form.querySelector("[role=combobox]").value }))
}

async function restore(form, state, box) {
  const kept = JSON.parse(localStorage.getItem(state.key) ?? "null")
  if (!kept) return
  state.id = kept.id
  box.set(kept.item, kept.name)
  for (const name of ["description", "place", "street", "when"]) form.elements[name].value = kept[name]
  await showTerms(form, state, kept.kind)
  const place = form.querySelector("[data-kept]")
  const anew = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: t("js_form_anew") })
  anew.addEventListener("click", () => { localStorage.removeItem(state.key); dialog.close(); open() })
  place.replaceChildren(t("js_form_kept"), " ", anew)
  place.hidden = false
}

async function showTerms(form, state, kind = "") {
  const item = encodeURIComponent(itemOf(form))
  const path = `/console/api/handoffs/${form.dataset.handoff}/ticket/terms?item=${item}&kind=${encodeURIComponent(kind)}`
  try {
    state.terms.innerHTML = (await get(path)).html
  } catch (failure) {
    notice(failure.message)
  }
}

// Not form.elements.item: that is a method of every collection.
function itemOf(form) {
  return form.querySelector("[name=item]").value
}

function showOther(form) {
  const other = form.querySelector("[data-other-contact]")
  other.hidden = Boolean(new FormData(form).get("on_record"))
  if (!other.hidden) other.querySelector("input").focus()
}
