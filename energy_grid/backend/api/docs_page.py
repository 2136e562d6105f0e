"""The page that lists all paths and lets one try them, by Swagger's program.

The program comes from elsewhere and runs where people are signed in. So it is of one version, and
a browser runs it only if it is that one to the last byte.
"""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

__all__ = ["DOCS", "POLICY", "add_docs_page"]

DOCS = "/docs"
_PLACE = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.35.0/"
_PROGRAM, _STYLE = "swagger-ui-bundle.js", "swagger-ui.css"
_HASHES = {
    _PROGRAM: "sha384-gjRm0bEPMeTmMh5jT2cHccIwCUZSTd8YC+j0d0sXw0MdGEfScduGpSyF3ZSSLkX9",
    _STYLE: "sha384-WlYgdmXYOOBWL5apwjDEZwN+U3HmXSSu5R6V5aGxEcf7z+KuRNwBhoxKVN1i3D5I",
}
POLICY = (
    "default-src 'none'; connect-src 'self'; img-src data:;"
    f" script-src 'unsafe-inline' {_PLACE}; style-src 'unsafe-inline' {_PLACE};"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may load."""


def add_docs_page(app: FastAPI) -> None:
    """Let an application show its description."""
    made = get_swagger_ui_html(
        openapi_url=app.openapi_url or "",
        title=app.title,
        swagger_js_url=f"{_PLACE}{_PROGRAM}",
        swagger_css_url=f"{_PLACE}{_STYLE}",
        swagger_favicon_url="data:,",
    )
    text = bytes(made.body).decode()
    for file, found in _HASHES.items():
        address = f'"{_PLACE}{file}"'
        text = text.replace(address, f'{address} integrity="{found}" crossorigin="anonymous"')

    @app.get(DOCS, include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(text)
