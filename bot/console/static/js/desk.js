// The operator's screen, put together.
import * as alarm from "./alarm.js"
import * as asking from "./asking.js"
import * as canned from "./canned.js"
import * as clock from "./clock.js"
import * as composer from "./composer.js"
import * as conversation from "./conversation.js"
import * as keys from "./keys.js"
import * as photo from "./photo.js"
import * as queue from "./queue.js"
import * as referral from "./referral.js"
import * as ticketform from "./ticketform.js"
import * as typing from "./typing.js"
import { follow } from "./live.js"
import { openPhotos, watchSession } from "./ui.js"

clock.start()
alarm.start(conversation.open)
canned.start()
composer.start()
asking.start()
conversation.start()
keys.start()
photo.start()
typing.start()
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

const OPENERS = { ticket: ticketform.open, referral: referral.open }
document.addEventListener("click", (event) => OPENERS[event.target.closest("[data-open]")?.dataset.open]?.())

// A call just written up goes on with the form its item needs.
const next = OPENERS[location.hash.slice(1)]
if (next) {
  history.replaceState(history.state, "", location.pathname)
  next()
}

follow({
  changed(topics) {
    typing.heard(topics)
    if (queue.concerns(topics)) queue.refresh()
    if (["queue", "tickets", "outbox", conversation.current()].some((topic) => topics.has(topic))) conversation.refresh()
  },
  afresh() {
    queue.refresh()
    conversation.refresh()
  },
})
