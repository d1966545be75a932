from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import get_args, get_type_hints

from queries.logql_parser import tree
from queries.logql_parser.parse import parse
from queries.logql_parser.tree import Node
from queries.logql_parser.walk import children, walk

CLASSES = [
    value
    for value in vars(tree).values()
    if isinstance(value, type) and issubclass(value, Node) and value is not Node
]


def mentions_nodes(hint: object) -> bool:
    if isinstance(hint, type) and issubclass(hint, Node):
        return True
    return any(mentions_nodes(part) for part in get_args(hint))


def test_every_node_is_frozen_and_slotted():
    for cls in CLASSES:
        assert is_dataclass(cls)
        assert cls.__dataclass_params__.frozen
        assert "__slots__" in vars(cls)


def test_no_field_that_holds_nodes_is_left_out():
    from queries.logql_parser import walk as module

    for cls in CLASSES:
        hints = get_type_hints(cls, vars(tree))
        holding = {field.name for field in fields(cls) if mentions_nodes(hints[field.name])}
        assert set(module._PARTS.get(cls, ())) == holding, cls


def test_a_walk_goes_from_above_and_from_the_left():
    query = 'sum by (x) (rate({a="b"} | json | c="d" [5m])) > 5'
    kinds = [type(node).__name__ for node in walk(parse(query))]
    assert kinds == [
        *("BinaryOperation", "VectorAggregation", "Grouping", "LabelName", "RangeAggregation"),
        *("LogRange", "Selector", "Matcher", "JsonParser", "LabelFilter", "Matcher", "Duration"),
        "Number",
    ]


def test_children_are_those_directly_below():
    query = parse('{a="b"} |= "x" | json y')
    assert [type(node).__name__ for node in children(query)] == [
        "Selector",
        "LineFilter",
        "JsonParser",
    ]
