"""Tools for speaking HTTP; knows no vendor.  Floors above take the framework's names from here only."""

from starlette.background import BackgroundTask
from starlette.datastructures import URL, FormData, Headers, MutableHeaders, QueryParams, State, UploadFile
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as ConnectionScope
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

__all__ = [
    "URL",
    "ASGIApp",
    "BackgroundTask",
    "ClientDisconnect",
    "ConnectionScope",
    "FormData",
    "HTMLResponse",
    "HTTPConnection",
    "Headers",
    "Message",
    "MutableHeaders",
    "PlainTextResponse",
    "QueryParams",
    "Receive",
    "RedirectResponse",
    "Request",
    "Response",
    "Send",
    "State",
    "StreamingResponse",
    "UploadFile",
    "WebSocket",
    "WebSocketDisconnect",
    "WebSocketState",
]
