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
  document.querySelector("[data-keep-template]")?.addEventListener("click", openTemplate)
  document.querySelector("[data-drop-template]")?.addEventListener("click", dropTemplate)
  form.elements.answer?.addEventListener("blur", warn)
  templateDialog()
  fit()
}

async function send() {
  showProblems(form)
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

async function warn() {
  const place = form.querySelector("[data-found]")
  const words = form.elements.answer.value
  const { found } = words.trim() ? await post(`${path}/check`, { text: words }).catch(() => ({ found: [] })) : { found: [] }
  place.hidden = !found.length
  place.textContent = found.length ? t("js_personal_found", { words: found.join("、") }) : ""
}

function insert({ target }) {
  const { answer } = form.elements
  if (target.value) answer.value = answer.value.trim() ? `${answer.value.trimEnd()}\n${target.value}` : target.value
  document.querySelector("[data-drop-template]").hidden = !target.selectedOptions[0].dataset.id
  answer.focus()
  keep()
}

async function dropTemplate(event) {
  const chosen = document.querySelector("[data-begin]").selectedOptions[0]
  await post(`/console/api/answer-templates/${chosen.dataset.id}/remove`).then(() => {
    chosen.remove()
    event.target.hidden = true
  }, (failure) => showProblems(form, {}, failure.message))
}

function openTemplate() {
  if (form.elements.answer.value.trim().length < 2) return showProblems(form, { answer: t("js_write_answer") })
  document.querySelector("#template-dialog").showModal()
}

function templateDialog() {
  const dialog = document.querySelector("#template-dialog")
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close())
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault()
    const { title, item } = event.target.elements
    const problem = dialog.querySelector(".problem")
    try {
      await post("/console/api/answer-templates", {
        title: title.value, text: form.elements.answer.value, item: item.checked ? item.value : "" })
      dialog.close()
      location.reload()
    } catch (failure) {
      problem.textContent = failure.message
      problem.hidden = false
    }
  })
}
