"""App: what the studio answers: its page, what tabs ask for, what has been written for them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from mimetypes import guess_type

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from nnanim.studio.door import Door, Lock
from nnanim.studio.page import page, page_policy
from nnanim.studio.shelf import show as show_shelf
from nnanim.studio.shown import Shown
from nnanim.studio.tab import Tab, let_in
from nnanim.studio.workers import Workers
from nnanim.studio.written import MADE

# A page that was written is opened apart from the studio: it shares no origin with it.
_APART = "sandbox allow-scripts allow-downloads"


def studio_app(scenes: Mapping[str, Shown], lock: Lock, ancestors: tuple[str, ...] = ()) -> ASGIApp:
    """Return the studio of scenes by name; a page says which, or is shown all of several.

    `ancestors` are the origins whose pages may show it in a frame.
    """
    workers = Workers()

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        del app
        workers.prepare()
        yield
        await workers.end()

    async def show(request: Request) -> Response:
        del request
        headers = {"Content-Security-Policy": page_policy(ancestors)}
        return Response(page()[0], media_type="text/html", headers=headers)

    async def fetch(request: Request) -> Response:
        path = MADE.get(request.path_params["key"])
        if path is None or path.is_symlink() or not path.is_file():
            return PlainTextResponse("nothing is here", 404)
        kind = guess_type(path.name)[0] or "application/octet-stream"
        headers = {"Content-Security-Policy": _APART}
        return FileResponse(path, media_type=kind, headers=headers)

    async def serve(socket: WebSocket) -> None:
        said = await let_in(socket, lock)
        if said is None:
            return
        alone = next(iter(scenes.values())) if len(scenes) == 1 else None
        shown = scenes.get(str(said.get("scene")), alone)
        hand = await workers.take()
        try:
            if shown is None:
                await show_shelf(socket, hand, scenes)
            else:
                await Tab(socket, hand, shown, workers).run()
        finally:
            await hand.end()

    routes = [
        Route("/", show, methods=["GET"]),
        Route("/made/{key}", fetch, methods=["GET"]),
        WebSocketRoute("/tab", serve),
    ]
    return Door(Starlette(routes=routes, lifespan=life), lock)
