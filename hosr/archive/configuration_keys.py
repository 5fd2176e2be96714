"""What the configuration file may hold: each key with its form, its default and its meaning.

`describe_configuration` prints them; what is wrong with a file is said in the same terms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from hosr.errors import Fault


class _Form(str):
    """How a value is written, in words."""

    __slots__ = ()


_Text = Annotated[str | None, _Form("text")]
_File = Annotated[str | None, _Form("path of a file")]
_Variable = Annotated[str | None, _Form("name of a variable")]
_Seconds = Annotated[float, Field(gt=0, le=86_400), _Form("seconds")]
_ProofName = Literal["commitment", "read-back", "response"]
_PatientName = Literal["id", "issuer", "name", "birth-date", "sex"]


class Table(BaseModel):
    """A table of the file: these keys and no others, each of its own type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TlsTable(Table):
    """`[archives.NAME.tls]`."""

    authorities: _File = Field(
        None, description="who vouches for the archive, in PEM; without it those of the system"
    )
    certificate: _File = Field(None, description="what hosr shows where it is asked for, in PEM")
    key: _File = Field(None, description="the key of that certificate, in PEM, without a password")


class ArchiveTable(Table):
    """`[archives.NAME]`. What is of `https://` is of `fhir+https://` too."""

    url: Annotated[str, _Form("an address")] = Field(
        description="`dimse://CALLED@host:port?calling=HOSR`, `dimses://` for TLS, "
        "`https://host/dicom-web`, or a folder; for messages `mllp://host:port`, `mllps://` for TLS, "
        "or `fhir+https://host/base`"
    )
    proof: Annotated[
        Literal["auto", "commitment", "read-back", "response"] | list[_ProofName],
        _Form("`auto`, `commitment`, `read-back`, `response`, or a list of the last three"),
    ] = Field(
        "auto",
        description="what must show that an object is kept; `auto` takes the best that is offered",
    )
    may_change: Annotated[
        list[_PatientName], _Form("list of `id`, `issuer`, `name`, `birth-date`, `sex`")
    ] = Field(
        default_factory=list,
        description="what of the patient the archive may change by lists of its own; all else that "
        "it changes and does not keep in Original Attributes is held",
    )
    connections: Annotated[Annotated[int, Field(ge=1, le=64)] | None, _Form("1 to 64")] = Field(
        None,
        description="how many connections are used at once; without it 4, and 1 for messages",
    )
    connect_s: _Seconds = Field(
        10.0, description="the longest that a connection, TLS and a proxy may each take"
    )
    answer_s: _Seconds = Field(
        30.0, description="the longest that an answer may be silent; a steady one may take longer"
    )
    commitment_s: _Seconds = Field(
        60.0, description="how long a report of storage commitment is waited for"
    )
    listen: Annotated[str | None, _Form("`host:port` of this machine")] = Field(
        None, description="where the archive reports commitments and sends what C-MOVE asks for"
    )
    peers: Annotated[list[str], _Form("list of hosts")] = Field(
        default_factory=list, description="who may report there, beside the host of the address"
    )
    tls: TlsTable | None = None
    token_file: _File = Field(None, description="where the bearer token of `https://` is kept")
    token_env: _Variable = Field(None, description="the same, in the environment")
    user: _Text = Field(None, description="who hosr is for `https://`, with a password")
    password_file: _File = Field(None, description="where that password is kept")
    password_env: _Variable = Field(None, description="the same, in the environment")
    proxy: Annotated[str | None, _Form("`http://host:port`")] = Field(
        None, description="the proxy before it, for `https://`; none is taken from the environment"
    )
    proxy_user: _Text = Field(None, description="who hosr is for the proxy, with a password")
    proxy_password_file: _File = Field(None, description="where that password is kept")
    proxy_password_env: _Variable = Field(None, description="the same, in the environment")
    create_patient: Annotated[bool, _Form("`true` or `false`")] = Field(
        False, description="whether a patient that a FHIR server does not know is created there"
    )
    release: Annotated[Literal["r4", "r5"], _Form("`r4` or `r5`")] = Field(
        "r4", description="the release of FHIR that the server speaks: which bundle is sent"
    )
    headers: Annotated[
        dict[str, Any],
        _Form('table: `NAME = "text"`, `NAME = {file = "path"}` or `NAME = {env = "VARIABLE"}`'),
    ] = Field(
        default_factory=dict, description="what goes as a header with every request of `https://`"
    )


class OutboxTable(Table):
    """`[outbox]`."""

    path: _File = Field(
        None,
        description="where the outbox lies; without it `~/.local/state/hosr/outbox.sqlite`, or in "
        "`XDG_STATE_HOME`",
    )


class Hl7Table(Table):
    """`[hl7]`."""

    lines: Annotated[
        Literal["repeat", "br", "obx-per-line"], _Form("`repeat`, `br` or `obx-per-line`")
    ] = Field(
        "repeat",
        description="how a line of the text ends: by `~`, by `\\.br\\`, or each line in an OBX",
    )
    sending_application: Annotated[str, _Form("text")] = Field("HOSR", description="MSH-3")
    sending_facility: Annotated[str, _Form("text")] = Field("", description="MSH-4")
    receiving_application: Annotated[str, _Form("text")] = Field("", description="MSH-5")
    receiving_facility: Annotated[str, _Form("text")] = Field("", description="MSH-6")
    issuer: Annotated[str, _Form("text")] = Field(
        "", description="who issued the patient IDs of headers that do not say it (PID-3.4)"
    )
    oids: Annotated[dict[str, str], _Form('table: `NAME = "1.2.3"`')] = Field(
        default_factory=dict, description="the OID of an issuer by its name"
    )
    pdf: Annotated[bool, _Form("`true` or `false`")] = Field(
        False, description="whether the PDF goes with the message, in an OBX of type ED"
    )
    pdf_characters: Annotated[int, Field(ge=1, le=100_000_000), _Form("a number")] = Field(
        65_536, description="the longest Base64 that the receiver takes; a longer PDF is left out"
    )


class FileTable(Table):
    """The whole file."""

    archives: dict[str, ArchiveTable] = Field(default_factory=dict)
    outbox: OutboxTable = Field(default_factory=OutboxTable)
    hl7: Hl7Table = Field(default_factory=Hl7Table)


# The tables of a file as they are headed.
SECTIONS: Mapping[str, type[Table]] = {
    "archives.NAME": ArchiveTable,
    "archives.NAME.tls": TlsTable,
    "outbox": OutboxTable,
    "hl7": Hl7Table,
}


def describe_configuration() -> str:
    """Every key of the file: a table for each of its sections, in Markdown."""
    return "\n".join(
        f"`[{section}]`\n\n| Key | Is | Default | Meaning |\n| --- | --- | --- | --- |\n"
        + "".join(f"| {' | '.join(row)} |\n" for row in _rows(table))
        for section, table in SECTIONS.items()
    )


def _rows(table: type[Table]) -> Iterator[tuple[str, str, str, str]]:
    for key, field in table.model_fields.items():
        form = next((str(each) for each in field.metadata if isinstance(each, _Form)), None)
        if form is not None:  # else a section of its own
            yield f"`{key}`", form, _default(field), field.description or ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be written"
    if not field.default or field.default_factory is not None:
        return "-"
    shown = f"{field.default:g}" if isinstance(field.default, float) else field.default
    return f"`{shown}`"


def place_in(path: Path, key: str) -> str:
    """A key of the file as faults name it."""
    return f"{path.name}, {key}" if key else path.name


def faults_of(path: Path, error: ValidationError) -> list[Fault]:
    """What is wrong with the form of a file, without the values, which may be secrets."""
    return [_told(path, fault) for fault in _faults(error)]


def _faults(error: ValidationError) -> list[dict[str, Any]]:
    """The faults of a file, one for each place: a choice of types gives one for each of them."""
    # Without the values, which may be secrets in the wrong place.
    found = error.errors(include_url=False, include_context=True, include_input=False)
    by_place: dict[tuple[str, ...], dict[str, Any]] = {}
    for fault in found:
        place = tuple(part for part in map(str, fault["loc"]) if not _is_choice(part))
        by_place.setdefault(place, {**fault, "loc": place})
    return list(by_place.values())


def _is_choice(part: str) -> bool:
    """Whether this part of a place is pydantic's own word for one of several types."""
    return part.startswith(("literal[", "list["))


# Kind of fault as pydantic names it: what is wrong, and what to do.
_WORDS = {
    "missing": ("is missing", "write it"),
    "string_type": ("is not text", "write it in quotes"),
    "int_type": ("is not a whole number", "write a number without quotes"),
    "float_type": ("is not a number", "write a number without quotes"),
    "greater_than": ("is too small", "write more than {gt:g}"),
    "greater_than_equal": ("is too small", "write {ge:g} or more"),
    "less_than_equal": ("is too large", "write {le:g} or less"),
    "literal_error": ("is none of the words for this", "write one of {expected}"),
    "bool_type": ("is neither true nor false", "write true or false without quotes"),
    "list_type": ("is no list", "write a list of words"),
}


def _told(path: Path, fault: Mapping[str, Any]) -> Fault:
    place = tuple(fault["loc"])
    where = place_in(path, ".".join(place))
    if fault["type"] == "extra_forbidden":
        keys = sorted(_table_at(place[:-1]).model_fields)
        near = get_close_matches(place[-1], keys, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"the keys here are {', '.join(keys)}"
        return Fault(where, "there is no such key", remedy)
    problem, remedy = _WORDS.get(fault["type"], ("is no table", "write it as a [table]"))
    return Fault(where, problem, remedy.format(**fault.get("ctx", {})))


def _table_at(place: tuple[str, ...]) -> type[Table]:
    match place:
        case ("archives", _):
            return ArchiveTable
        case ("archives", _, "tls"):
            return TlsTable
        case ("outbox",):
            return OutboxTable
        case ("hl7",):
            return Hl7Table
        case _:
            return FileTable
