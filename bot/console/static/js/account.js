// One's own account and the history: the end of a session is told; secrets can be copied and printed.
import { follow } from "./live.js"
import { t } from "./texts.js"
import { notice, watchSession } from "./ui.js"

watchSession()
follow({ changed: () => {}, afresh: () => {} })

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard // browsers have one only over https
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy)
    const lines = [...source.querySelectorAll("li")].map((line) => line.textContent)
    await navigator.clipboard.writeText(lines.join("\n") || source.textContent.replace(/\s/g, ""))
    notice(t("js_copied"))
  })
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false
  button.addEventListener("click", () => window.print())
}
