"""Trade an enrolment key for an agent on the server and the token that is its own."""

import json
from typing import Final, NamedTuple

from tara_agent.answers import Answer
from tara_agent.config import Config
from tara_agent.connections import IN_THE_OPEN
from tara_agent.errors import NotDone, ServerUnreachable
from tara_agent.reasons import TIMEOUT, TLS_FAILED
from tara_agent.tokens import Token, is_token
from tara_agent.transport import Transport

ENROL_PATH: Final = "/api/v1/enrol/"
ATTEMPT_SECONDS: Final = 30.0

_CREATED: Final = 201
_CODES: Final = {
    "key": "the server refused the key: it is unknown there, revoked, expired, used up, or not for "
    "this machine's network. On the server, `python manage.py gen_enrolment_key` makes a new one.",
    "exists": "the server has an agent {agent_id} already; the key is not spent. If it is this "
    "machine, `python manage.py gen_token --agent-id {agent_id} --rotate` on the server gives it a "
    "new token. If it is another one, choose another name with --agent-id.",
    "agent_id": "the server takes no agent id {agent_id!r}. Choose one of 1 to 63 lower case "
    "letters, digits, dots, hyphens and underscores with --agent-id.",
}
_STATUSES: Final = {
    421: "the server at {url} does not answer to that name. Whoever runs it can add the name to "
    "TARA_ALLOWED_HOSTS.",
    429: "the server at {url} is asked too often. Try again in a minute.",
}
_NOT_OURS: Final = (
    "what answers at {url} is no taraSysDash that enrols (HTTP {status}). Give the address that "
    "the server's pages have, with https if they have it; a proxy between, or a server older than "
    "enrolment keys, are other causes."
)
_FAILED: Final = (
    "the server at {url} failed (HTTP {status}). Its log says why. Try again in a minute; if there "
    "is an agent {agent_id} by then, its answer was lost."
)
_NO_TLS: Final = (
    "no TLS with {url} ({reason}). Either its certificate is not one that this machine trusts "
    "(--ca-file names authorities of your own), or it speaks plain http."
)
_TOO_SLOW: Final = "the server at {url} did not answer in time. Try again."
_NO_ANSWER: Final = (
    "no answer from {url} ({reason}). See whether the server runs there, and can be reached from "
    "this machine."
)


class Enrolled(NamedTuple):
    """The agent that the server made, and its token."""

    agent_id: str
    token: Token


def enrol(config: Config, key: str, agent_id: str) -> Enrolled:
    """Return the new agent and its token. Raises NotDone, whose text is for people."""
    transport = Transport(
        config.server_url,
        path=ENROL_PATH,
        ca_file=config.ca_file,
        proxy_url=config.proxy_url,
        allow_http=config.allow_http,
    )
    body = json.dumps({"key": key, "agent_id": agent_id}).encode()
    try:
        answer = transport.post(body, within_seconds=ATTEMPT_SECONDS)
    except ServerUnreachable as error:
        raise NotDone(_unreachable(error.reason, url=config.server_url)) from error
    finally:
        transport.close()
    enrolled = _enrolled(answer, agent_id)
    if enrolled is None:
        raise NotDone(_failure(answer, url=config.server_url, agent_id=agent_id))
    return enrolled


def _enrolled(answer: Answer, agent_id: str) -> Enrolled | None:
    """Return what a 201 of our server says; None for any other answer."""
    told = _object(answer)
    token = told.get("token")
    if answer.status != _CREATED or not isinstance(token, str) or not is_token(token):
        return None
    return Enrolled(agent_id, Token(token)) if told.get("agent_id") == agent_id else None


def _unreachable(reason: str, *, url: str) -> str:
    """Return what to do where no answer could be had."""
    if reason == IN_THE_OPEN:
        return f"nothing was sent to {url}: {reason}."
    if reason.startswith(TLS_FAILED):
        return _NO_TLS.format(url=url, reason=reason)
    text = _TOO_SLOW if reason == TIMEOUT else _NO_ANSWER
    return text.format(url=url, reason=reason)


def _failure(answer: Answer, *, url: str, agent_id: str) -> str:
    """Return what to do about an answer that is no token."""
    code = _object(answer).get("code")
    text = _CODES.get(code) if isinstance(code, str) else None
    if text is None:
        is_of_the_server = answer.status >= 500  # noqa: PLR2004
        text = _STATUSES.get(answer.status, _FAILED if is_of_the_server else _NOT_OURS)
    return text.format(url=url, agent_id=agent_id, status=answer.status)


def _object(answer: Answer) -> dict[str, object]:
    """Return the JSON object in an answer; an empty one where there is none."""
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
