"""What the types say, and what they refuse: mypy reports an error that is expected and does not come."""

import freddy_openapi
from freddy_openapi import SchemaName
from freddy_openapi.models import ConnectorId, ErrorEnvelope, ErrorObject


def read(envelope: ErrorEnvelope) -> ErrorObject:
    code: str = envelope.error.code
    number: int = envelope.error.code  # type: ignore[assignment]
    details: dict[str, object] = envelope.error.details  # type: ignore[assignment]
    return envelope.error.model_copy(update={"code": code, "details": {"number": number, "details": details}})


version: str = freddy_openapi.document()["info"]["version"]
known: SchemaName = "connector-id"
freddy_openapi.schema("nothing")  # type: ignore[arg-type]
ConnectorId(root=7)  # type: ignore[arg-type]
ErrorEnvelope(success=False)  # type: ignore[call-arg]
