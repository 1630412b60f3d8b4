// Files and discussion of a ticket. What was typed stays in this browser until the server has taken it.
import { sendOnce } from "./form.js"
import { post, upload } from "./net.js"
import { t } from "./texts.js"

const { number } = document.querySelector("#main").dataset
const actor = document.querySelector('meta[name="yb-actor"]').content
const path = (rest) => `/console/api/tickets/${number}/${rest}`
const noteKey = `yb:${actor}:note:${number}`
const note = document.querySelector("[data-note]")
const file = document.querySelector("[data-file]")

note.elements.text.value ||= localStorage.getItem(noteKey) ?? ""
note.addEventListener("input", () => localStorage.setItem(noteKey, note.elements.text.value))
note.addEventListener("submit", (event) => {
  event.preventDefault()
  doing(note, async () => {
    await post(path("notes"), { text: note.elements.text.value })
    localStorage.removeItem(noteKey)
  })
})

file?.addEventListener("submit", (event) => {
  event.preventDefault()
  const [chosen] = file.elements.file.files
  if (!chosen) return say(file, t("js_choose_file"))
  doing(file, () => {
    const form = new FormData()
    form.append("file", chosen)
    form.append("internal", String(!file.elements.for_citizen.checked))
    return upload(path("files"), form)
  })
})

for (const button of document.querySelectorAll("[data-remove-file]")) {
  button.addEventListener("click", () => {
    button.disabled = true
    post(path(`files/${button.dataset.removeFile}/remove`)).then(() => location.reload(), (failure) => {
      button.disabled = false
      say(file ?? note, failure.message)
    })
  })
}

function doing(form, send) {
  sendOnce(form, async () => {
    try {
      await send()
      location.reload()
    } catch (failure) {
      say(form, failure.message)
    }
  })
}

function say(form, words) {
  const place = form.querySelector(".problem")
  place.textContent = words
  place.hidden = false
}
