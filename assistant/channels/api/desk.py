"""What agents do over HTTP, at the same desk as on their page: the queue, and the conversations that they hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.params import Depends as Dependency
from pydantic import BaseModel, StringConstraints
from starlette.exceptions import HTTPException

from assistant.accounts import Account
from assistant.channels import agents
from assistant.channels.api.conversations import LastEventId, Talk, Typing, paged, talk
from assistant.channels.api.examples import ANSWERED, FOLLOWED, LINE, NOTED, PAST
from assistant.channels.events import Json, Watch, followed, streamed
from assistant.channels.presence import Presence
from assistant.channels.suggestions import Suggestions
from assistant.conversation import LONGEST
from assistant.desk import Desk, Note, Outcome, Past, Ticket
from assistant.handoff import up_to_date
from assistant.reply import Handoff, Kind, Reason, Suggestion

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5 * LONGEST)]
"""What an agent writes at once."""


class Queue(BaseModel):
    """A page of the queue, how many fit in all, and where the next page begins; null on the last."""

    model_config = {"json_schema_extra": {"examples": [{"tickets": [LINE], "total": 1, "next": None}]}}
    tickets: list[Ticket]
    total: int
    next: int | None


class Case(Talk):
    """All that an agent who holds a conversation has of it; `writing` is whether the customer is."""

    handoff: Handoff | None
    notes: list[Note]
    writing: bool


class Taken(BaseModel):
    """The suggestion that a reply was made from."""

    kind: Kind
    text: Annotated[str, StringConstraints(max_length=20_000)]


class Answer(BaseModel):
    """An agent's reply; `suggestion` is what it was made from, so that it is known how much of it was kept."""

    model_config = {"json_schema_extra": {"examples": [ANSWERED]}}
    text: Words
    suggestion: Taken | None = None


class Memo(BaseModel):
    """A note for the other agents; no customer and no model reads it."""

    model_config = {"json_schema_extra": {"examples": [{"text": NOTED["text"]}]}}
    text: Words


class Resolved(BaseModel):
    """Where the answer was: in the knowledge, nowhere, there but wrong, or none of these."""

    model_config = {"json_schema_extra": {"examples": [{"outcome": "missing"}]}}
    outcome: Outcome


class Notes(BaseModel):
    """What agents wrote for each other, oldest first."""

    model_config = {"json_schema_extra": {"examples": [{"notes": [NOTED]}]}}
    notes: list[Note]


class Earlier(BaseModel):
    """The other conversations of the same customer, the latest first."""

    model_config = {"json_schema_extra": {"examples": [{"conversations": [PAST]}]}}
    conversations: list[Past]


class Suggested(BaseModel):
    """What can be sent until now, best kind first; what a model writes comes with a later look."""

    suggestions: list[Suggestion]


def agent(request: Request) -> str:
    """Who acts at the desk: who is signed in. Raises HTTPException where nobody is."""
    account: Account | None = getattr(request.state, "account", None)
    if account is None:
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "Sign in first.", {"WWW-Authenticate": "Bearer"})
    return account.name


Agent = Annotated[str, Depends(agent)]
CASE = "/api/v1/desk/conversations/{id}"


def mount(app: FastAPI, desk: Desk, presence: Presence, watch: Watch, suggestions: Suggestions) -> FastAPI:
    """The app with the desk in it."""

    def hold(id: str, agent: Agent) -> None:
        agents.hold(desk, id, agent)

    held = [Depends(hold)]
    mount_queue(app, desk)
    mount_case(app, desk, presence, watch, held)
    mount_outcomes(app, desk)
    mount_beside(app, desk, suggestions, held)
    return app


def mount_queue(app: FastAPI, desk: Desk) -> None:
    """Who waits, and whom an agent has."""

    @app.get("/api/v1/desk/queue", response_model=Queue)
    def queue(
        _: Agent,
        language: Annotated[str | None, Query(max_length=35, examples=["ta"])] = None,
        reason: Reason | None = None,
        minutes: Annotated[int, Query(ge=0, le=100_000, description="Of those who have waited so long at least.")] = 0,
        after: Annotated[int, Query(ge=0, le=1_000_000, description="Where the page begins.")] = 0,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Json:
        """Who waits for a person, the most urgent and the longest waiting first; personal data is masked."""
        longer = timedelta(minutes=minutes) if minutes else None
        page = desk.waiting(language, reason, longer, limit, after)
        total = desk.fitting(language, reason, longer)
        return {"tickets": page, **paged(total, after, limit)}

    @app.get("/api/v1/desk/mine", response_model=Queue)
    def mine(agent: Agent) -> Json:
        """What the agent holds."""
        tickets = desk.mine(agent)
        return {"tickets": tickets, "total": len(tickets), "next": None}


def mount_case(app: FastAPI, desk: Desk, presence: Presence, watch: Watch, held: Sequence[Dependency]) -> None:
    """The conversation that an agent holds: taken, read, followed, answered."""

    def opened(id: str) -> Json:
        package = desk.handoff(id)
        package = package and up_to_date(package, desk.conversation(id))
        beside = {"handoff": package, "notes": desk.notes(id), "writing": presence.writes(id, "customer")}
        return talk(desk, id) | beside

    @app.post(f"{CASE}/claim", response_model=Case)
    def claim(id: str, agent: Agent) -> Json:
        """Take a conversation that waits; 409 where another agent was faster. The customer is told who is there."""
        agents.claim(desk, id, agent)
        return opened(id)

    @app.get(CASE, response_model=Case, dependencies=held)
    def read(id: str) -> Json:
        """A conversation that the agent holds: why it came, what was tried, what was said."""
        return opened(id)

    @app.get(f"{CASE}/events", response_class=Response, responses=FOLLOWED, dependencies=held)
    def follow(id: str, agent: Agent, last_event_id: LastEventId = 0) -> Response:
        """The conversation from behind the last event that the agent has; `typing` tells that the customer writes."""
        return streamed(followed(watch, id, last_event_id, presence, "customer", agent))

    @app.post(f"{CASE}/replies", status_code=HTTPStatus.CREATED, response_model=Case)
    def reply(id: str, agent: Agent, answer: Answer) -> Json:
        """Send the customer a reply."""
        given = answer.suggestion
        agents.reply(desk, id, agent, answer.text, (given.kind, given.text) if given else None)
        presence.tell(id, "agent", writing=False)
        return opened(id)

    @app.put(f"{CASE}/typing", status_code=HTTPStatus.NO_CONTENT, dependencies=held)
    def typing(id: str, typing: Typing) -> None:
        """The agent is writing: the customer sees it for some seconds, and nothing is kept."""
        presence.tell(id, "agent", typing.writing)


def mount_outcomes(app: FastAPI, desk: Desk) -> None:
    """How an agent leaves a conversation."""

    @app.post(f"{CASE}/resolve", status_code=HTTPStatus.NO_CONTENT)
    def resolve(id: str, agent: Agent, resolved: Resolved) -> None:
        """It is over, until the customer writes again."""
        agents.leave(desk, id, agent, resolved.outcome)

    @app.post(f"{CASE}/release", status_code=HTTPStatus.NO_CONTENT)
    def release(id: str, agent: Agent) -> None:
        """Back into the queue, at the place that its waiting time gives it."""
        agents.leave(desk, id, agent, "release")

    @app.post(f"{CASE}/hand-back", status_code=HTTPStatus.NO_CONTENT)
    def hand_back(id: str, agent: Agent) -> None:
        """The assistant has it again, and the customer is told so."""
        agents.leave(desk, id, agent, "hand_back")


def mount_beside(app: FastAPI, desk: Desk, suggestions: Suggestions, held: Sequence[Dependency]) -> None:
    """What stands beside a conversation: what could be sent, agents' notes, what the customer asked before."""

    @app.get(f"{CASE}/suggestions", response_model=Suggested, dependencies=held)
    def suggest(id: str) -> Json:
        """Replies that can be sent to what was asked last, each with its sources."""
        return {"suggestions": suggestions.of(desk.conversation(id))}

    @app.get(f"{CASE}/notes", response_model=Notes, dependencies=held)
    def notes(id: str) -> Json:
        """What agents wrote for each other."""
        return {"notes": desk.notes(id)}

    @app.post(f"{CASE}/notes", status_code=HTTPStatus.CREATED, response_model=Notes)
    def note(id: str, agent: Agent, memo: Memo) -> Json:
        """Write a note for the other agents."""
        agents.note(desk, id, agent, memo.text)
        return {"notes": desk.notes(id)}

    @app.get(f"{CASE}/earlier", response_model=Earlier, dependencies=held)
    def earlier(id: str) -> Json:
        """What the same customer asked before."""
        return {"conversations": desk.earlier(id)}

    @app.get(f"{CASE}/earlier/{{other}}", response_model=Talk, dependencies=held)
    def reread(id: str, other: str) -> Json:
        """An earlier conversation of the same customer, to be read only."""
        if other not in [past.conversation for past in desk.earlier(id)]:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"This customer has no earlier conversation {other!r}.")
        return talk(desk, other)
