// The operator's screen, put together.
import * as alarm from "./alarm.js"
import * as asking from "./asking.js"
import * as canned from "./canned.js"
import * as clock from "./clock.js"
import * as composer from "./composer.js"
import * as conversation from "./conversation.js"
import * as keys from "./keys.js"
import * as queue from "./queue.js"
import { follow } from "./live.js"
import { openPhotos, watchSession } from "./ui.js"

clock.start()
alarm.start(conversation.open)
canned.start()
composer.start()
asking.start()
conversation.start()
keys.start()
openPhotos()
watchSession()

document.querySelector("#queue").addEventListener("click", (event) => {
  const row = event.target.closest(".row")
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  conversation.open(row.dataset.conversation)
})

window.addEventListener("popstate", () => {
  const id = location.pathname.match(/\/conversations\/(\w+)$/)?.[1]
  if (id) conversation.open(id, { push: false })
  else conversation.close({ push: false })
})

follow({
  changed(topics) {
    if (queue.concerns(topics)) queue.refresh()
    if (["queue", "tickets", "outbox", conversation.current()].some((topic) => topics.has(topic))) conversation.refresh()
  },
  afresh() {
    queue.refresh()
    conversation.refresh()
  },
})
