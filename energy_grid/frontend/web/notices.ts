// Notices: how many there are that this browser has not shown yet. It alone remembers which it has.

import { ask, isOwn, signedInAccount } from "./account"

const KEY = "energy-grid-read"
const shown = new Set<string>()

/** Forget what was read here. */
export function forgetRead(): void {
  localStorage.removeItem(KEY)
}

function unread(names: readonly string[]): string[] {
  const read = new Set(JSON.parse(localStorage.getItem(KEY) ?? "[]") as string[])
  return names.filter((each) => !read.has(each))
}

function count(names: readonly string[]): void {
  const badge = document.querySelector<HTMLElement>("#unread")
  if (badge === null) return
  badge.hidden = names.length === 0
  badge.querySelector("data")!.value = String(names.length)
  badge.querySelector("data")!.textContent = String(names.length)
}

/** Mark those of the page that are new, and remember that they are shown. */
function show(list: HTMLElement): void {
  const parts = [...list.querySelectorAll<HTMLElement>("[data-notice]")]
  const names = parts.map((each) => each.dataset.notice!)
  const fresh = unread(names)
  if (document.visibilityState === "visible") {
    fresh.forEach((each) => shown.add(each))
    localStorage.setItem(KEY, JSON.stringify(names))
  }
  // What came while somebody looks stays marked until they come again.
  parts.forEach((each) => each.classList.toggle("unread", shown.has(each.dataset.notice!) || fresh.includes(each.dataset.notice!)))
  count(document.visibilityState === "visible" ? [] : fresh)
}

/** Count them for the navigation; where the page lists them, they are read. */
export async function followNotices(): Promise<void> {
  const own = (): HTMLElement | null => document.querySelector<HTMLElement>("#notices")
  const list = own()
  if (list === null) {
    if (!isOwn()) return
    // Whoever acts is told what is wrong; a number alone is left out.
    const found = await ask<{ id: string }[]>(`/api/v1/accounts/${signedInAccount()}/notices`).catch(() => [])
    return count(unread(found.map(({ id }) => id)))
  }
  show(list)
  const again = (): void => show(own()!)
  document.addEventListener("visibilitychange", again)
  document.addEventListener("fresh", (event) => {
    if ((event.target as HTMLElement).id === "notices") again()
  })
}
