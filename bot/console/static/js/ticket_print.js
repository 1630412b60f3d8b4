// The sheet of paper: name and number in full for a reason, which the server writes down.
import { sendOnce } from "./form.js"
import { post } from "./net.js"

const form = document.querySelector("[data-contact-form]")
const { number } = document.querySelector("main").dataset

form?.addEventListener("submit", (event) => {
  event.preventDefault()
  sendOnce(form, show)
})

async function show() {
  const problem = form.querySelector("[role=alert]")
  try {
    const { contact } = await post(`/console/api/tickets/${number}/print-contact`, { text: form.elements.why.value })
    document.querySelector("[data-contact]").textContent = contact
    form.hidden = true
  } catch (failure) {
    problem.textContent = failure.message
    problem.hidden = false
    form.elements.why.focus()
  }
}
