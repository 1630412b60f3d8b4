// The answer's form: what was typed stays in this browser until the server has taken it; templates; a warning of names.
import { showProblems, sendOnce } from "./form.js"
import { post } from "./net.js"
import { t } from "./texts.js"

const form = document.querySelector("[data-answer]")
const { number } = document.querySelector("#main").dataset
const actor = document.querySelector('meta[name="yb-actor"]').content
const draftKey = `yb:${actor}:answer:${number}`
const path = `/console/api/tickets/${number}/answer`

if (form) begin()

function begin() {
  restore()
  form.addEventListener("input", () => { keep(); fit() })
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    sendOnce(form, send)
  })
  document.querySelector("[data-begin]")?.addEventListener("change", insert)
  for (const button of document.querySelectorAll("[data-take]")) {
    button.addEventListener("click", () => add(button.dataset.take))
  }
  document.querySelector("[data-keep-template]")?.addEventListener("click", keepTemplate)
  document.querySelector("[data-edit-template]")?.addEventListener("click", editTemplate)
  document.querySelector("[data-drop-template]")?.addEventListener("click", dropTemplate)
  form.elements.answer?.addEventListener("blur", warn)
  templateDialog()
  fit()
}

async function send() {
  showProblems(form)
  if (await isFirstWarning()) return
  try {
    await post(path, fields())
    localStorage.removeItem(draftKey)
    location.reload()
  } catch (failure) {
    showProblems(form, failure.fields, failure.message)
  }
}

function fields() {
  return Object.fromEntries([...form.elements]
    .filter((field) => field.name && (field.type !== "radio" || field.checked))
    .map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value]))
}

// Only what has to be asked is shown: the reason where it is not resolved, whose it is where it is out of remit.
function fit() {
  const remit = form.elements.out_of_remit?.checked
  const resolved = form.elements.resolved?.value
  form.querySelector("[data-resolved]").hidden = Boolean(remit)
  const reason = form.querySelector("[data-reason]")
  if (!reason) return
  reason.hidden = !(remit || resolved === "partly" || resolved === "no")
  reason.querySelector("[data-remit]").hidden = !remit
  reason.querySelector("[data-not-resolved]").hidden = Boolean(remit)
  if (remit) for (const radio of form.elements.resolved) radio.checked = false
}

function keep() {
  localStorage.setItem(draftKey, JSON.stringify(fields()))
}

function restore() {
  let kept = {}
  try {
    kept = JSON.parse(localStorage.getItem(draftKey) ?? "{}")
  } catch {
    localStorage.removeItem(draftKey)
  }
  for (const [name, value] of Object.entries(kept)) {
    const field = form.elements[name]
    if (!field || name === "without") continue
    if (field.type === "checkbox") field.checked = value
    else if (!field.value) field.value = value
  }
}

// What may name a person, or hardly says anything, is pointed out once for the same words; pressing again sends it. Where
// something is missing that comes first, and the server says so.
async function isFirstWarning() {
  if (!form.elements.answer || !["upheld", "resolved"].every((name) => form.elements[name].value)) return false
  const warning = await warn()
  const known = form.dataset.warned === warning
  form.dataset.warned = warning
  if (!warning || known) return false
  const place = form.querySelector("[data-found]")
  place.textContent = `${warning} ${t("js_send_again")}`
  place.scrollIntoView({ block: "nearest" })
  return true
}

async function warn() {
  const place = form.querySelector("[data-found]")
  const words = form.elements.answer.value
  const nothing = { found: [], thin: false }
  const { found, thin } = words.trim() ? await post(`${path}/check`, { text: words }).catch(() => nothing) : nothing
  const warning = [
    found.length ? t("js_personal_found", { words: found.join("、") }) : "",
    thin ? t("js_answer_thin") : "",
  ].filter(Boolean).join(" ")
  place.hidden = !warning
  place.textContent = warning
  return warning
}

function insert({ target }) {
  if (target.value) add(target.value)
  const own = Boolean(target.selectedOptions[0].dataset.id)
  for (const name of ["edit", "drop"]) document.querySelector(`[data-${name}-template]`).hidden = !own
}

// Behind what is there already.
function add(words) {
  const { answer } = form.elements
  answer.value = answer.value.trim() ? `${answer.value.trimEnd()}\n${words}` : words
  answer.focus()
  keep()
}

async function dropTemplate(event) {
  const chosen = document.querySelector("[data-begin]").selectedOptions[0]
  await post(`/console/api/answer-templates/${chosen.dataset.id}/remove`).then(() => {
    chosen.remove()
    event.target.hidden = document.querySelector("[data-edit-template]").hidden = true
  }, (failure) => showProblems(form, {}, failure.message))
}

function keepTemplate() {
  const words = form.elements.answer.value
  if (words.trim().length < 2) return showProblems(form, { answer: t("js_write_answer") })
  openTemplate({ words })
}

function editTemplate() {
  const chosen = document.querySelector("[data-begin]").selectedOptions[0]
  const { id, item, raw } = chosen.dataset
  openTemplate({ id, title: chosen.textContent, words: raw, ofItem: Boolean(item) })
}

function openTemplate({ id = "0", title = "", words, ofItem = true }) {
  const dialog = document.querySelector("#template-dialog")
  const { elements } = dialog.querySelector("form")
  dialog.dataset.id = id
  elements.title.value = title
  elements.text.value = words
  elements.item.checked = ofItem
  dialog.querySelector(".problem").hidden = true
  dialog.showModal()
}

function templateDialog() {
  const dialog = document.querySelector("#template-dialog")
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close())
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault()
    const { title, item, text } = event.target.elements
    const problem = dialog.querySelector(".problem")
    try {
      await post("/console/api/answer-templates", {
        id: Number(dialog.dataset.id), title: title.value, text: text.value, item: item.checked ? item.value : "" })
      dialog.close()
      location.reload()
    } catch (failure) {
      problem.textContent = failure.message
      problem.hidden = false
    }
  })
}
