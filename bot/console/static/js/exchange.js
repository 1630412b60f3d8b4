// Import and export: files that are too big are told before they are sent; a form is sent once.
import { follow } from "./live.js"
import { watchSession } from "./ui.js"

watchSession()
follow({ changed: () => {}, afresh: () => {} })

for (const form of document.querySelectorAll("form[data-busy]")) {
  const button = form.querySelector("button[type=submit]")
  const words = button.textContent
  form.addEventListener("submit", (event) => {
    if (tooBig(form)) { event.preventDefault(); return }
    button.disabled = true
    button.textContent = form.dataset.busy
  })
  window.addEventListener("pageshow", () => { button.disabled = false; button.textContent = words })
}

function tooBig(form) {
  const files = form.querySelector("input[type=file]")
  if (!files) return false
  const problem = form.querySelector(".problem")
  const big = [...files.files].reduce((sum, file) => sum + file.size, 0) > Number(form.dataset.limit)
  problem.textContent = big ? form.dataset.tooBig : ""
  problem.hidden = !big
  return big
}
