"""What the chat views share: reading a form, and turning the services' errors into answers (security.md, section 2.1)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.catalog.form_schema import read_form
from playground.catalog.models import Model
from playground.catalog.selection import default_model_for
from playground.chat.errors import Busy, InvalidInput, NotPossible
from playground.chat.models import Conversation, Message
from playground.chat.opening import open_page
from playground.chat.services.settings import Settings, settings_of, version_named
from playground.lib.error_pages import error_response, is_fragment_request
from playground.presets.models import PresetVersion
from playground.runs.lifecycle import engine
from playground.runs.services import can_accept

VARIABLE = "variable-"
MOST_VARIABLES = 200  # in one form; a preset declares at most 50

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def chat_view(view: View[P]) -> View[P]:
    """Signed in people only; errors of the services become the answers that the contract names."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ObjectDoesNotExist:
            raise Http404 from None
        except InvalidInput as error:
            reason = " ".join(problem.message for problem in error.errors)
            return with_retry_after(error_response(request, error.status, reason=reason), error)
        except NotPossible as error:
            return error_response(request, 422, reason=str(error))
        except Busy:
            return error_response(request, 503)

    return login_required(answer)  # type: ignore[return-value]  # the stubs forget the arguments


def person(request: HttpRequest) -> User:
    """Who is signed in; `chat_view` has seen to that."""
    assert isinstance(request.user, User)  # noqa: S101 - for mypy
    return request.user


def conversation_of(request: HttpRequest, uuid: UUID) -> Conversation:
    """Raises Conversation.DoesNotExist."""
    return Conversation.objects.visible_to(person(request)).select_related("leaf").get(uuid=uuid)


def conversation_named(request: HttpRequest) -> Conversation | None:
    """The one that the field `conversation` names; None when it is empty, as in a new chat. Raises Conversation.DoesNotExist."""
    fields = request.POST if request.method == "POST" else request.GET
    uuid = read_uuid(fields.get("conversation", ""))
    return conversation_of(request, uuid) if uuid else None


def message_of(request: HttpRequest, uuid: UUID) -> Message:
    """With its conversation, parent and run. Raises Message.DoesNotExist."""
    rows = Message.objects.visible_to(person(request))
    return rows.select_related("conversation", "parent", "run__model__provider", "run__owner", "continues").get(
        uuid=uuid
    )


def require_place() -> None:
    """Raises Busy when a run that is started now would be refused."""
    if engine().is_running and not can_accept():
        raise Busy


@dataclass(frozen=True, slots=True)
class Sent:
    """What a composer's form holds. An empty `model_name` means that the page sent none."""

    text: str
    model_name: str
    model: Model | None  # of that name, when this person may see one
    parameters: dict[str, Any]
    preset_name: str  # "slug@3"; empty: none
    preset: PresetVersion | None  # of that name, when this person may use it
    variables: dict[str, str]  # as typed, those of the form that have a value
    attachments: list[UUID]
    has_attachments: bool  # the field was there, be it empty
    parent: UUID | None
    request_id: str
    draft_version: str | None  # of the draft that the page saw last

    def require_preset(self) -> PresetVersion | None:
        """The preset. Raises InvalidInput when the form names one that is out of reach by now."""
        if self.preset_name and self.preset is None:
            raise InvalidInput.of("preset", _("The chosen preset is not there any more. Choose another one, or none."))
        return self.preset


def read_composer(request: HttpRequest) -> Sent:
    """The fields of the composer and, when a model is named, of the inspector. Other fields are ignored."""
    user, post = person(request), request.POST
    name, preset_name = post.get("model", ""), post.get("preset", "")
    model = _model_named(user, name)
    return Sent(
        text=post.get("text", ""),
        model_name=name,
        model=model,
        parameters=read_form(model, post) if model else {},
        preset_name=preset_name,
        preset=version_named(user, preset_name) if preset_name else None,
        variables=read_variables(post),
        attachments=[uuid for value in post.getlist("attachments") if (uuid := read_uuid(value)) is not None],
        has_attachments="attachments" in post,
        parent=read_uuid(post.get("parent", "")),
        request_id=post.get("request_id", ""),
        draft_version=post.get("draft_version"),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What to answer with. `model` is None when the one named is not in the catalogue, or none can be used."""

    model: Model | None
    settings: Settings


def settings_or_default(sent: Sent, user: User, conversation: Conversation | None) -> Asked:
    """As sent, else as the conversation has them, else the person's own defaults."""
    if sent.model_name:
        return Asked(sent.model, Settings(sent.model_name, sent.parameters, sent.preset, sent.variables))
    if conversation is not None and conversation.model_name:
        return Asked(_model_named(user, conversation.model_name), settings_of(user, conversation))
    model = default_model_for(user)
    return Asked(model, Settings(model.public_name if model else "", user.default_parameters))


def read_variables(post: QueryDict) -> dict[str, str]:
    """The values of variables in a form, by name; which of them a preset declares is not looked at."""
    fields = [name for name in post if name.startswith(VARIABLE)][:MOST_VARIABLES]
    return {name.removeprefix(VARIABLE): value for name in fields if isinstance(value := post[name], str) and value}


def _model_named(user: User, name: str) -> Model | None:
    return Model.objects.visible_to(user).select_related("provider").named(name).first() if name else None


def read_uuid(value: str) -> UUID | None:
    """None when empty. What is no UUID names nothing: 404, like any other id that does not exist."""
    if not value:
        return None
    try:
        return UUID(value)
    except ValueError:
        raise Http404 from None


def is_fragment(request: HttpRequest) -> bool:
    return is_fragment_request(request)


def show_thread(request: HttpRequest, conversation: Conversation, *, focus: UUID | None = None) -> HttpResponse:
    """The thread anew for htmx; a redirect to the conversation, at the message `focus`, for a plain form."""
    if not is_fragment(request):
        place = f"#message-{focus}" if focus else ""
        return redirect(conversation_url(conversation) + place)
    page = open_page(person(request), conversation_of(request, conversation.uuid))
    return render(request, "chat/_thread.html", {"page": page})


def conversation_url(conversation: Conversation) -> str:
    return reverse("conversation", args=[conversation.uuid])


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """The browser shows `url` next, whoever asked."""
    if not is_fragment(request):
        return redirect(url)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return response


def with_draft_version(response: HttpResponse, version: str) -> HttpResponse:
    """Tell the page of which version the stored draft is now."""
    response["Draft-Version"] = version
    return response


def with_retry_after(response: HttpResponse, error: InvalidInput) -> HttpResponse:
    """Tell when the same would pass."""
    if error.retry_after_s is not None:
        response["Retry-After"] = str(error.retry_after_s)
    elif error.status == 429:
        del response["Retry-After"]  # a person must act
    return response
