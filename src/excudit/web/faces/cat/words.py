"""What CAT says, byte for byte: its clients compare."""

from __future__ import annotations

UNAUTHENTICATED = "User has not been authenticated."
UNREGISTERED = (
    "User has not been registered on CAT service. User registration is a prerequisite for "
    "accessing this API resource."
)
DENIED = "You do not have permission to access this resource."
NOT_PDF = "Invalid PDF file format."
DRAFT_ASSESSMENT_LOGIN = (
    "Please ensure you are logged in to CAT, in order to view assessment in draft status."
)
DRAFT_DEPOSIT_LOGIN = (
    "Please ensure you are logged in to CAT in order to view deposit in draft status."
)
DRAFT_ASSESSMENT_OTHER = "User does not have permission to view this zenodo assessment info."
DRAFT_DEPOSIT_OTHER = "User does not have permission to get info of this deposit."


def accepted(assessment: str) -> str:
    """The answer to a publication that began; two spaces after the id, one at the end."""
    return (
        f"Process of uploading assessment with ID: {assessment}  has started, it may take some "
        "time.. You will be informed via email when assessment is uploaded to zenodo. "
    )


def retried(deposit: str) -> str:
    """The answer to a retry that began."""
    return (
        f"Process to publish Deposit with ID: {deposit} is in progress... You will be informed "
        "via email when completed."
    )


def unknown(assessment: str) -> str:
    """There is no such assessment."""
    return f"There is no Assessment with the following id: {assessment}"


def private(assessment: str) -> str:
    """It is not public at CAT; two spaces before the id."""
    return f"Action not permitted for assessment:  {assessment}"


def already(assessment: str, deposit: str, status: str) -> str:
    """It is there already; `status` is DRAFT or PUBLISHED."""
    return (
        f"Assessment with ID: {assessment} is already in Zenodo under deposit with ID: {deposit} "
        f"and it's publication status is: {status}"
    )


def under_way(assessment: str) -> str:
    """The same was asked before and is not done yet."""
    return f"Process of uploading assessment with ID: {assessment} is in progress already."


def unpublished(assessment: str) -> str:
    """Nothing of it is known here."""
    return (
        "Not found zenodo assessment information for assessment with ID: "
        f"{assessment} to exist in CAT"
    )


def unknown_deposit(deposit: str) -> str:
    """No such deposit, when it is looked for."""
    return f"Not found zenodo assessment information for deposit with ID: {deposit}"


def unknown_retry(deposit: str) -> str:
    """No such deposit, when it is to be published."""
    return f"No assessment info found for deposit with ID: {deposit} in service"


def published(deposit: str) -> str:
    """There is nothing to retry."""
    return f"The deposit with ID: {deposit} is already published to Zenodo"
