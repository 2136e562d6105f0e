// What can be read without a line to the market: each page as it was last seen here.
//
// Pages come from the market whenever it answers. What was shown to somebody who is signed in is kept
// apart: it goes when they sign out, and with the first page that is read after their session is over.

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching extends Extendable {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}

const FILES = "files"
const PAGES = "pages"
const OWN = "own"
const UNKNOWN = "/offline"

// Pages differ by who is signed in and by language: what was seen last is what is shown.
const find = (cache: Cache, place: string): Promise<Response | undefined> => cache.match(place, { ignoreVary: true })

async function file(request: Request): Promise<Response> {
  const files = await caches.open(FILES)
  const known = await find(files, request.url)
  if (known !== undefined) return known
  const fresh = await fetch(request)
  if (fresh.ok && !fresh.headers.get("Cache-Control")?.includes("no-store")) {
    await files.put(request, fresh.clone())
    const folder = request.url.slice(0, request.url.lastIndexOf("/"))
    const old = (await files.keys()).filter(({ url }) => !url.startsWith(folder))
    await Promise.all(old.map((each) => files.delete(each)))
  }
  return fresh
}

async function remember(request: Request, fresh: Response): Promise<void> {
  const isOwn = fresh.headers.get("Cache-Control")?.includes("no-store") ?? false
  if (!isOwn) await caches.delete(OWN)
  if (!fresh.ok || fresh.redirected) return
  await (await caches.open(isOwn ? OWN : PAGES)).put(request.url, fresh)
}

async function lastSeen(place: string): Promise<Response | undefined> {
  for (const name of [OWN, PAGES]) {
    const found = await find(await caches.open(name), place)
    if (found !== undefined) return found
  }
  return undefined
}

async function page(request: Request): Promise<Response> {
  let fresh: Response
  try {
    fresh = await fetch(request)
  } catch (error) {
    const known = (await lastSeen(request.url)) ?? (await find(await caches.open(PAGES), UNKNOWN))
    if (request.mode !== "navigate" || known === undefined) throw error
    const seen = new Date(known.headers.get("Date") ?? 0).toISOString()
    const html = (await known.text()).replace('id="offline" hidden', 'id="offline"').replace("1970-01-01T00:00:00Z", seen)
    return new Response(html, { headers: known.headers })
  }
  await remember(request, fresh.clone())
  return fresh
}

addEventListener("install", (event) => {
  const ready = caches.open(PAGES).then((pages) => pages.add(UNKNOWN))
  ;(event as Extendable).waitUntil(ready)
})
addEventListener("fetch", (event) => {
  const { request } = event as Fetching
  const { pathname, origin } = new URL(request.url)
  if (request.method !== "GET" || origin !== location.origin) return
  if (pathname.startsWith("/built/")) (event as Fetching).respondWith(file(request))
  else if (request.headers.get("Accept")?.includes("text/html")) (event as Fetching).respondWith(page(request))
})
