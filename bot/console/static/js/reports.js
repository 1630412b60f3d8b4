// Reports: charts in the page's own colours, figures that are fetched anew, the bulletin's introduction, printing.
import { follow } from "./live.js"
import { get, post } from "./net.js"
import { watchSession } from "./ui.js"

const EVERY_MS = 60000
const dark = matchMedia("(prefers-color-scheme: dark)")
const still = matchMedia("(prefers-reduced-motion: reduce)")
const board = document.querySelector("#board")
const HUES = { light: ["#17595f", "#b35c00", "#5b4b9a"], dark: ["#7cc4c0", "#f0a860", "#b9aef0"] }
const PRINT = { ink: "#222", line: "#ccc", hues: HUES.light }
const drawn = new Map()

const shade = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
const colours = () => ({ ink: shade("--ink-2"), line: shade("--line"), hues: HUES[dark.matches ? "dark" : "light"] })

function draw(look = colours()) {
  for (const [canvas, chart] of drawn) if (!canvas.isConnected) { chart.destroy(); drawn.delete(canvas) }
  for (const canvas of document.querySelectorAll("[data-chart]")) {
    drawn.get(canvas)?.destroy()
    drawn.set(canvas, new window.Chart(canvas, settings(JSON.parse(canvas.dataset.chart), look)))
  }
}

// Lines differ by dash and point as well as by colour.
const DASHES = [[], [6, 3], [2, 3]]
const POINTS = ["circle", "rect", "triangle"]

function settings({ type, labels, series }, look) {
  const lines = type === "lines"
  const lying = type === "bars"
  return {
    type: lines ? "line" : "bar",
    data: {
      labels: labels.map((label) => (lying && label.length > 14 ? `${label.slice(0, 13)}…` : label)),
      datasets: series.map(({ name, values }, n) => ({
        label: name, data: values, borderColor: look.hues[n], backgroundColor: lines ? look.hues[n] : `${look.hues[n]}cc`,
        borderWidth: lines ? 2 : 0, borderDash: DASHES[n], pointStyle: POINTS[n], pointRadius: labels.length > 31 ? 0 : 3,
        tension: 0.2, maxBarThickness: 26,
      })),
    },
    options: {
      indexAxis: lying ? "y" : "x",
      animation: still.matches || !lines ? false : { duration: 250 },
      responsive: true,
      maintainAspectRatio: false,
      color: look.ink,
      plugins: { legend: { display: series.length > 1, labels: { color: look.ink, usePointStyle: true } } },
      scales: Object.fromEntries(["x", "y"].map((axis) => [axis, {
        beginAtZero: true,
        ticks: { color: look.ink, precision: 0, autoSkip: !(lying && axis === "y"), maxRotation: 0 },
        grid: { color: look.line, display: (axis === "x") === lying },
      }])),
    },
  }
}

let changed = false // something happened to a ticket since the figures were fetched

async function refresh() {
  if (!changed || document.hidden || board.querySelector("details[open]")) return
  const answer = await get(`/console/api/reports?${board.dataset.again}`).catch(() => null)
  if (!answer || board.contains(document.activeElement)) return
  changed = false
  board.innerHTML = answer.html
  draw()
}

watchSession()
follow({ changed: (topics) => { changed ||= topics.has("tickets") }, afresh: () => { changed = true } })
draw()
dark.addEventListener("change", () => draw())
still.addEventListener("change", () => draw())
window.addEventListener("beforeprint", () => draw(PRINT))
window.addEventListener("afterprint", () => draw())
if (board) setInterval(refresh, EVERY_MS)

// A day that is picked is a span of one's own.
const spans = document.querySelector(".span-form [name=span]")
for (const field of document.querySelectorAll(".span-form [type=date]")) {
  field.addEventListener("change", () => { spans.value = "custom" })
}

const print = document.querySelector("[data-print]")
if (print) {
  print.hidden = false
  print.addEventListener("click", () => window.print())
}

document.querySelector("[data-introduce]")?.addEventListener("submit", async (event) => {
  event.preventDefault()
  const form = event.target
  const problem = form.querySelector(".problem")
  const shown = document.querySelector("[data-intro]")
  try {
    const kept = await post(`/console/api/reports/bulletin/${document.querySelector("#main").dataset.bulletin}`,
      { text: form.elements.text.value })
    shown.textContent = form.elements.text.value = kept.text
    shown.hidden = !kept.text
    problem.hidden = true
    form.querySelector("details").open = false
  } catch (failure) {
    problem.textContent = failure.message
    problem.hidden = false
  }
})
