"""What figures stand for: by labels.toml, then by their words; what is ambiguous is asked back, all at once."""

from __future__ import annotations

import pytest

from hosr.annotations.context import Context
from hosr.annotations.labels import parse_labels
from hosr.annotations.sources import Figure, Form, Label, Source
from hosr.annotations.viewers.measurement_groups import read
from hosr.annotations.viewers.roles import find_roles
from hosr.findings import Place
from hosr.vocabulary.terms import Side
from tests.annotations.viewers.files import FILES, context_of

_POINTS = {
    Form.LINE: ((1.0, 2.0), (3.0, 4.0)),
    Form.POINT: ((1.0, 2.0),),
    Form.BOX: ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),
}


def _source(*labels: str, form: Form = Form.LINE, side: Side | None = None) -> Source:
    figures = (
        Figure(
            label=Label(name=label),
            place=f"a.dcm, group {number}",
            form=form,
            points=_POINTS[form],
            image=Place(sop_instance_uid="2.25.1"),
            side=side,
        )
        for number, label in enumerate(labels, start=1)
    )
    return Source(name="a.dcm", kind="a report", figures=tuple(figures), is_in_words=True)


def _found(source: Source, toml: str = "") -> tuple[list[str], list[str], list[str]]:
    """What was found of it, what was left, and what is asked back."""
    labels = parse_labels(f'schema_version = "1.0"\n[labels]\n{toml}')
    context = Context(labels=labels)
    roled = find_roles(source, context)
    return (
        [f"{each.side or '-'} {each.role}" for each in roled],
        [each.words for each in context.account.refused],
        [f"{fault.path}: {fault.problem}" for fault in context.account.faults],
    )


def test_the_file_of_labels_stands_above_the_words() -> None:
    """A name in labels.toml is meant as it says; what it does not name is read."""
    toml = '"sagittal old" = { role = "gap", side = "left" }\n"Right HO gap" = "ignore"'
    found, left, asked = _found(_source("sagittal old", "Right HO gap", "R island"), toml)
    assert found == ["left gap", "right island"]
    assert left == ['"Right HO gap" is left out, by its role']
    assert asked == []


def test_everything_ambiguous_is_asked_back_at_once() -> None:
    """Each with its place; a label that names nothing is listed, for it cannot be the gap."""
    found, left, asked = _found(_source("", "gap both", "no gap right", "leg length", "L gap"))
    assert found == ["left gap"]
    assert left == ['"leg length" names nothing that a hip is graded by']
    assert asked == [
        "a.dcm, group 1: is a line without a label",
        'a.dcm, group 2: "gap both" names both sides',
        'a.dcm, group 3: "no gap right" has words that may change what it says ("no")',
    ]


def test_a_point_or_box_without_a_label_is_listed() -> None:
    """It measures nothing."""
    assert _found(_source("", form=Form.POINT)) == ([], ["is a point without a label"], [])


CODED = {
    ("HO gap", Side.LEFT): (["left gap"], []),
    ("Left HO gap", Side.LEFT): (["left gap"], []),
    ("Right HO gap", Side.LEFT): (
        ["right gap"],
        ['a.dcm, group 1: "Right HO gap" is of the right hip, and the code beside it of the left'],
    ),
    ("HO gap", None): (["- gap"], []),
}


@pytest.mark.parametrize(("label", "side"), CODED)
def test_a_coded_side_adds_to_the_words_and_must_not_contradict_them(
    label: str, side: Side | None
) -> None:
    """Highdicom writes the side as a code; without either it is asked for where the images are known."""
    found, left, asked = _found(_source(label, side=side))
    assert (found, asked) == CODED[label, side]
    assert left == []


def test_an_island_is_numbered_once() -> None:
    """Two lines that are both called the second island of a hip."""
    found, _, asked = _found(_source("Left island 2", "Left island 2", "Right island 2"))
    assert found == ["left island", "left island", "right island"]
    assert asked == [
        'a.dcm, group 1 and a.dcm, group 2: are both labelled "Left island 2"',
    ]


def test_the_figures_of_a_real_file() -> None:
    """Ten tools: what is labelled is taken, what is not graded by is listed, what is in doubt is asked."""
    name = "adapters-5.6.8/many.dcm"
    context = context_of(name)
    source = read(FILES / name, context)
    left = len(context.account.refused)
    roled = find_roles(source, context)
    assert [f"{each.side or '-'} {each.role}" for each in roled] == [
        "right gap",
        "left gap",
        "- calibration",
        "left island",
        "right femoral_spur",
    ]
    assert [each.words.partition(" names")[0] for each in context.account.refused[left:]] == [
        '"box"',
        '"probe"',
        '"spline"',
    ]
    assert [fault.problem for fault in context.account.faults] == [
        '"Insel rechts äöü ≥5" has words that may change what it says ("aou")'
    ]
