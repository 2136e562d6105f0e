// Charts, drawn from the tables that are in them.

import uPlot from "uplot"

import { locale } from "./page"

interface Line {
  name: string
  colour: string
  dash: number[]
  width: number
}

const drawn = new WeakMap<Element, uPlot>()
// A page can have a zone; else it is the reader's.
const timeZone = document.documentElement.dataset.zone
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone })
const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone })
const halfDay = 43_200
const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3]]
// Pixels beside figures: at least so many for all, for charts below each other to be in line.
const [least, tick] = [64, 15]

/** What a cell says exactly: pages write it in base units, `digits` of which are behind the point. */
function number(cell: HTMLTableCellElement | undefined, digits: number): number | null {
  const found = cell?.querySelector("data")?.value
  return found === undefined ? null : Number(found) / 10 ** digits
}

function read(table: HTMLTableElement, along: number, digits: number): { lines: Line[]; data: uPlot.AlignedData } {
  const heads = [...table.tHead!.rows[0]!.cells]
  const rows = [...table.tBodies[0]!.rows]
  const places = rows.map((row, place) => {
    const time = row.cells[0]?.querySelector("time")?.dateTime
    return time ? Date.parse(time) / 1000 : (number(row.cells[0], along) ?? place)
  })
  const lines = heads.slice(1).map((head, place) => ({
    name: head.textContent?.trim() ?? "",
    colour: getComputedStyle(head).color,
    dash: dashes[place % dashes.length]!,
    width: 2,
  }))
  const columns = lines.map((_, place) => rows.map((row) => number(row.cells[place + 1], digits)))
  return { lines, data: [places, ...columns] as uPlot.AlignedData }
}

/** A moment whose hours are those of the page's zone. */
function zoned(seconds: number): Date {
  const found = new Date(seconds * 1000)
  return timeZone === undefined ? found : uPlot.tzDate(found, timeZone)
}

/** Moments along an axis, as the reader writes them: days where a new one begins, else the clock. */
function moments(_: uPlot, splits: number[]): string[] {
  let last = ""
  return splits.map((each) => {
    const [when, date] = [zoned(each), day.format(each * 1000)]
    const isNew = date !== last && (last !== "" || when.getHours() + when.getMinutes() === 0)
    last = date
    return isNew ? date : clock.format(when)
  })
}

/** How wide an axis is that shows its longest figure whole. */
function wide(plot: uPlot, figures: string[] | null, font: string): number {
  // uPlot counts on the font that it has set last.
  plot.ctx.save()
  plot.ctx.font = font
  const widths = (figures ?? []).map((each) => tick + plot.ctx.measureText(each).width)
  plot.ctx.restore()
  return Math.max(least, ...widths)
}

/** Draw a figure's chart into its place, and again when the place or the colours change. */
export function draw(figure: HTMLElement): void {
  const place = figure.querySelector<HTMLElement>(".plot")!
  const table = figure.querySelector("table")
  if (table === null || table.tBodies[0]!.rows.length === 0) {
    place.remove()
    return
  }
  // What is written below a chart makes its place higher.
  const height = place.clientHeight
  const make = (): void => {
    drawn.get(figure)?.destroy()
    // A reader who points somewhere reads the values there: of a page of its own alone.
    const isRead = figure.dataset.legend !== undefined
    const isDuration = figure.dataset.chart === "duration"
    const { lines, data } = read(table, Number(figure.dataset.along), Number(figure.dataset.digits))
    const quiet = getComputedStyle(document.documentElement).getPropertyValue("--quiet")
    const style = getComputedStyle(place)
    const ink = getComputedStyle(figure.querySelector("caption, figcaption")!).color
    const hasTimes = table.tBodies[0]!.rows[0]!.cells[0]!.querySelector("time") !== null
    if (isDuration) data.forEach((column, place) => (column as (number | null)[]).unshift(place === 0 ? 0 : column[0]!))
    // A line through one point is none.
    const isAlone = hasTimes && data[0].length === 1
    const isBand = figure.dataset.chart === "band"
    const isStepped = isDuration || isBand || figure.dataset.chart === "steps"
    // The bounds are thin, what is expected is dashed, what was measured is not.
    if (isBand) lines.forEach((line, place) => Object.assign(line, { width: place < 2 ? 1 : 2, dash: dashes[place === 2 ? 1 : 0] }))
    const bands = isBand ? [{ series: [2, 1] as uPlot.Band.Bounds, fill: `color-mix(in srgb, ${lines[0]!.colour} 22%, transparent)` }] : []
    const paths = isStepped ? uPlot.paths.stepped!({ align: isDuration ? -1 : 1 }) : undefined
    const axis = { stroke: ink, grid: { stroke: "rgba(128,128,128,.25)", width: 1 }, font: `12px ${style.fontFamily}` }
    const form = new Intl.NumberFormat(locale, { maximumFractionDigits: 4 })
    drawn.set(
      figure,
      new uPlot(
        {
          width: place.clientWidth,
          height,
          tzDate: zoned,
          legend: { show: isRead },
          cursor: { drag: { x: false, y: false } },
          scales: { x: { time: hasTimes, ...(isAlone && { range: [data[0][0]! - halfDay, data[0][0]! + halfDay] }) } },
          axes: [hasTimes ? { ...axis, values: moments } : { ...axis, label: table.tHead!.rows[0]!.cells[0]!.textContent!, labelFont: axis.font, labelSize: 20 }, { ...axis, size: (plot, figures) => wide(plot, figures, axis.font), values: (_, splits) => splits.map((each) => form.format(each)) }],
          bands,
          series: [
            isRead ? { label: figure.dataset.legend!, value: (_: uPlot, value: number | null) => (value === null ? "–" : hasTimes ? clock.format(value * 1000) : form.format(value)) } : {},
            ...lines.map((line) => ({ label: line.name, ...(isRead && { value: (_: uPlot, value: number | null) => (value === null ? "–" : form.format(value)) }), stroke: line.colour, width: line.width, dash: line.dash, points: { show: isAlone }, ...(paths ? { paths } : {}) })),
          ],
        },
        data,
        place,
      ),
    )
    if (!isRead) showKey(figure, lines, quiet)
  }
  make()
  let width = place.clientWidth
  new ResizeObserver(() => {
    if (place.clientWidth === width) return
    width = place.clientWidth
    drawn.get(figure)?.setSize({ width, height })
  }).observe(place)
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", make)
}

function showKey(figure: HTMLElement, lines: Line[], quiet: string): void {
  const key = figure.querySelector(".key") ?? document.createElement("ul")
  key.className = "key"
  key.setAttribute("aria-hidden", "true")
  key.replaceChildren(
    ...lines.map((line) => {
      const entry = document.createElement("li")
      const mark = document.createElement("i")
      mark.style.color = line.colour || quiet
      if (line.dash.length > 0) mark.className = "dashed"
      entry.append(mark, line.name)
      return entry
    }),
  )
  figure.querySelector("figcaption")!.after(key)
}

function save(figure: HTMLElement, content: Blob, kind: string): void {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(content)
  link.download = `${figure.querySelector("h2, h3")?.textContent ?? "chart"}.${kind}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

/** Save a figure's chart as a picture. */
export function savePicture(figure: HTMLElement): void {
  drawn.get(figure)?.ctx.canvas.toBlob((blob) => {
    if (blob !== null) save(figure, blob, "png")
  })
}

/** Save what a figure's chart shows as a table: whole numbers of the smallest units, as they are exactly. */
export function saveTable(figure: HTMLElement): void {
  const exact = (cell: HTMLTableCellElement): string =>
    cell.querySelector("data")?.value ?? cell.querySelector("time")?.dateTime ?? cell.textContent!.trim()
  const rows = [...figure.querySelector("table")!.rows]
  const lines = rows.map((row) => [...row.cells].map((cell) => `"${exact(cell).replaceAll('"', '""')}"`).join(","))
  save(figure, new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" }), "csv")
}
