"""What a method gives back when a plain row is not enough."""

from dataclasses import dataclass, field

from flask import Response


@dataclass(frozen=True, slots=True)
class Answer:
    """A value, in whatever representation the caller asked for, with what else is said of it.

    `content` is what the schema of the operation dumps, or a `service.web.answers.pages.Listing`; None is an
    answer without a body. `made_of` is what the content was made of, for representations that need more than
    it says (a picture of figures the question that they answer). `tag` is the change of the ETag, `response`
    the whole answer.
    """

    content: object = None
    headers: dict[str, str] = field(default_factory=dict)
    made_of: object = None
    response: Response | None = None
    status: int | None = None
    tag: int | None = None
