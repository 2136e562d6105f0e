// Keeps what a reader does until its program has come, and lets no form go to the server by itself.
//
// Small, and runs before anything is shown: programs are modules, which come after the page.

/** What was used: a part of the page; of a form also which of its buttons sent it. */
type Use = [part: HTMLElement, by: HTMLButtonElement | null]
interface Window {
  does(name: string, action: (...use: Use) => void): void
}

{
  const actions = new Map<string, (...use: Use) => void>()
  const early = new Map<string, Use>()
  const used = (name: string, ...use: Use): void => {
    const action = actions.get(name)
    if (action === undefined) early.set(name, use)
    else action(...use)
  }
  window.does = (name, action) => {
    actions.set(name, action)
    const use = early.get(name)
    early.delete(name)
    if (use !== undefined) action(...use)
  }
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-do]")
    if (button?.dataset.do !== undefined) used(button.dataset.do, button, null)
  })
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement
    if (form.dataset.act === undefined) return
    event.preventDefault()
    used(form.dataset.act, form, event.submitter as HTMLButtonElement | null)
  })
}
