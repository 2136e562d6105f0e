"""How pages are made: who looks at them, templates, and the headers around them."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.visit import Backend, Visit
from energy_grid.backend.store.news import newest_place
from energy_grid.chain.accounts import LOCAL_CHAINS
from energy_grid.frontend.figures import figures
from energy_grid.frontend.words import LANGUAGES, Language, language_of

__all__ = [
    "BUILT",
    "LANGUAGE_COOKIE",
    "SESSION_COOKIE",
    "Look",
    "Looks",
    "page",
    "plain",
    "version",
    "words_of",
]

SESSION_COOKIE, LANGUAGE_COOKIE = "energy_grid_session", "energy_grid_language"
BUILT = files("energy_grid.frontend") / "built"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)


_UNKNOWN_TIME = Markup('<time datetime="1970-01-01T00:00:00Z"></time>')


class Look(Visit):
    """Somebody who looks at a page.

    Their session has a name in a cookie that pages alone read, and pages change nothing: whoever
    makes a browser ask for one gains nothing by it. What changes something needs the session's
    token in a header, which no other page can send.

    Attributes:
        since: whoever listens to the stream from there on misses nothing that the page has not.
    """

    def __init__(self, request: Request, backend: Backend) -> None:
        super().__init__(request, backend)
        # Before all that the page is made of.
        with backend.database.reading() as connection:
            self.since = newest_place(connection).number

    @property
    def token(self) -> str | None:
        """By which pages know the session."""
        return self.request.cookies.get(SESSION_COOKIE)

    def find_account(self, token: str) -> str:
        """As for a visit, of a session that pages know."""
        return self.backend.sessions.shown_to(token)

    @property
    def reader(self) -> str | None:
        """The account that is signed in, if any; one whose session is over is not."""
        try:
            return self.account
        except ProblemError:
            return None

    @property
    def language(self) -> Language:
        """Theirs."""
        return _language(self.request)


def _look(request: Request) -> Look:
    return Look(request, request.app.state.backend())


Looks = Annotated[Look, Depends(_look)]
"""Anybody who looks at a page."""


@cache
def version() -> str:
    """A name of what was built: browsers keep the files of one for ever."""
    found = hashlib.sha256()
    for file in sorted(BUILT.iterdir(), key=lambda each: each.name):
        found.update(file.name.encode() + file.read_bytes())
    return found.hexdigest()[:12]


def page(look: Look, template: str, **values: Any) -> HTMLResponse:
    """A page with figures of the market, in its reader's language."""
    market = look.backend.market
    chain_id = market.deployment.chain_id
    answer = plain(
        look.request,
        template,
        account=look.reader,
        since=look.since,
        chain_id=chain_id,
        is_local=chain_id in LOCAL_CHAINS,
        token_units=market.token_units,
        **figures(look.language, market.coin, look.request.app.state.explorer),
        **values,
    )
    if look.reader is None:
        # So that browsers forget what they were shown before their session was over.
        answer.headers["Cache-Control"] = "no-cache"
    return answer


def plain(
    request: Request,
    template: str,
    *,
    status: int = 200,
    account: str | None = None,
    since: int | None = None,
    is_local: bool = False,
    chain_id: int = 0,
    **values: Any,
) -> HTMLResponse:
    """A page that needs no market.

    Nobody keeps what a session shows.
    """
    language = _language(request)
    html = _environment(language.code).get_template(template)
    return HTMLResponse(
        html.render(
            path=request.url.path,
            version=version(),
            languages=LANGUAGES.values(),
            language=language,
            account=account,
            since=since,
            is_local=is_local,
            chain_id=chain_id,
            # The worker in the browser writes when the page was read, if it shows it later.
            unknown_time=_UNKNOWN_TIME,
            **values,
        ),
        status,
        headers={
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "no-store" if SESSION_COOKIE in request.cookies else "no-cache",
            "Vary": "Cookie, Accept-Language",
            "Content-Language": language.code,
        },
    )


def words_of(language: Language, template: str) -> Any:
    """The macros of a template, in a language."""
    return _environment(language.code).get_template(template).module


def _language(request: Request) -> Language:
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return language_of(chosen, request.headers.get("accept-language", ""))


@cache
def _environment(code: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("energy_grid.frontend"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translations = LANGUAGES[code].translations
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    return environment
