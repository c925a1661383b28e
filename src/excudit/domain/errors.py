"""Every way in which work can fail, as one tree.

    ExcuditError
    ├── Retryable                 worth another try, by itself
    │   ├── Unavailable           the other side is down or too slow
    │   └── RateLimited           the other side asks to wait (delay_s)
    ├── Uncertain                 sent, but no answer: look before acting again
    ├── Permanent                 the same call will fail again
    │   ├── Rejected              refused with problems to mend
    │   │   └── Drifted           changed since it was approved
    │   ├── NotFound              not there
    │   ├── Denied                no permission
    │   ├── Conflict              something else holds this place
    │   └── Unsupported           the other side cannot do this
    ├── Unrecorded                public, but not written down here yet
    └── NeedsPerson               a question that only a person can answer

The first line of each class's docstring is the sentence that users read. Anything that is not an
`ExcuditError` is a bug: a run parks and tells, and is never retried blindly, because the effects
of a publication cannot be taken back.
"""

from __future__ import annotations

from typing import Any, ClassVar

from excudit.domain.problem import Problem


class ExcuditError(Exception):
    """Something went wrong.

    `message` says what and where, `hint` how to mend it, `remote` is the other side's own words,
    verbatim and already redacted.
    """

    kind: ClassVar[str] = "error"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        remote: str = "",
        problems: tuple[Problem, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.remote = remote
        self.problems = tuple(problems)

    def __init_subclass__(cls) -> None:
        cls.kind = cls.__name__
        KINDS[cls.__name__] = cls

    @property
    def sentence(self) -> str:
        """The class's own sentence for users, e.g. "The service did not answer."."""
        return (type(self).__doc__ or "").strip().splitlines()[0]

    def as_data(self) -> dict[str, Any]:
        """This error as plain JSON, for journals and answers. `from_data` is the inverse."""
        data: dict[str, Any] = {"kind": self.kind, "message": self.message}
        if self.hint:
            data["hint"] = self.hint
        if self.remote:
            data["remote"] = self.remote
        if self.problems:
            data["problems"] = [p.as_data() for p in self.problems]
        return data


KINDS: dict[str, type[ExcuditError]] = {}


class Retryable(ExcuditError):
    """A temporary failure; excudit tries again by itself."""


class Unavailable(Retryable):
    """The other side did not answer or is down; excudit tries again by itself."""


class RateLimited(Retryable):
    """The other side asks to wait; excudit goes on after the time it named.

    `delay_s`: seconds to wait, as the other side said (0 = it did not say).
    """

    def __init__(
        self, message: str, *, delay_s: float = 0.0, hint: str = "", remote: str = ""
    ) -> None:
        super().__init__(message, hint=hint, remote=remote)
        self.delay_s = delay_s

    def as_data(self) -> dict[str, Any]:
        return {**super().as_data(), "delay_s": self.delay_s}


class Uncertain(ExcuditError):
    """A request was sent but its answer was lost; excudit looks before it acts again."""


class Permanent(ExcuditError):
    """This cannot succeed as it stands."""


class Rejected(Permanent):
    """Refused: there are problems to mend first."""


class Drifted(Rejected):
    """The dataset changed after it was approved; a person has to look at it again."""


class NotFound(Permanent):
    """It is not there."""


class Denied(Permanent):
    """Permission was refused."""


class Conflict(Permanent):
    """Something else already holds this place."""


class Unsupported(Permanent):
    """The other side cannot do this."""


class Unrecorded(ExcuditError):
    """It is public, but could not be written down here; excudit brings it up to date by itself."""


class NeedsPerson(ExcuditError):
    """A person has to decide before this can go on.

    `message` is the question.
    """


def may_heal(kind: str) -> bool:
    """Whether a failure of this kind may end without a person: what waits for nothing but time."""
    return issubclass(KINDS.get(kind, ExcuditError), Retryable | Uncertain | Unrecorded)


def from_data(data: dict[str, Any]) -> ExcuditError:
    """The error that `as_data` wrote; an unknown kind gives a plain `ExcuditError`."""
    cls = KINDS.get(data.get("kind", ""), ExcuditError)
    error: ExcuditError
    if cls is RateLimited:
        error = RateLimited(data["message"], delay_s=float(data.get("delay_s", 0.0)))
    else:
        error = cls(data["message"])
    error.hint = data.get("hint", "")
    error.remote = data.get("remote", "")
    error.problems = tuple(Problem.from_data(p) for p in data.get("problems", ()))
    return error
