// The charts of the demo's report: a page that needs no other file.

import { draw } from "./chart"

for (const figure of document.querySelectorAll<HTMLElement>("figure.chart")) draw(figure)
