// What every page does. All else comes when it is needed.

import { does, localise } from "./page"

does("figures", (button) => {
  const shown = button.closest(".chart")?.classList.toggle("shown") ?? false
  button.setAttribute("aria-expanded", String(shown))
})
does("picture", async (button) => {
  const { savePicture } = await import("./chart")
  savePicture(button.closest<HTMLElement>(".chart")!)
})
does("table", async (button) => {
  const { saveTable } = await import("./chart")
  saveTable(button.closest<HTMLElement>(".chart")!)
})
does("sign-in", async () => (await import("./account")).openWallets())
does("sign-out", async () => (await import("./account")).signOut())

localise(document)
if (document.querySelector("[data-live]") !== null) void import("./live").then(({ follow }) => follow())
if (document.querySelector("#who data") !== null) void import("./notices").then(({ followNotices }) => followNotices())
if (document.querySelector("#order, [data-do=audit]") !== null) void import("./trade")
if (document.querySelector("[data-act=deposit], [data-do=download]") !== null) void import("./home")
if (location.pathname.startsWith("/enrol")) void import("./enrolment")
if (location.pathname === "/administration") void import("./administration")
if (location.pathname === "/trade/spot") void import("./spot")
if (location.pathname === "/simulate") void import("./simulation")
if (location.pathname === "/operator") void import("./operator")
const charts = document.querySelectorAll<HTMLElement>(".chart")
if (charts.length > 0) {
  void import("./chart").then(({ draw }) => charts.forEach(draw))
}
if ("serviceWorker" in navigator) void navigator.serviceWorker.register("/worker.js")
