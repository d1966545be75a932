from __future__ import annotations

import socket

from delivery.demo import ports
from delivery.demo.ports import free_port, free_ports, is_free


def test_every_name_has_a_port_of_its_own_that_nobody_listens_on() -> None:
    found = free_ports([f"server-{number}" for number in range(40)])
    assert len(set(found.values())) == 40
    assert all(is_free(port) for port in found.values())


def test_the_ports_of_an_earlier_run_are_kept_where_they_are_free() -> None:
    before = {"a": free_port(), "b": free_port()}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", before["b"]))
        taken.listen()
        found = free_ports(("a", "b", "c"), before)
    assert found["a"] == before["a"]
    assert found["b"] != before["b"]
    assert len(set(found.values())) == 3


def test_two_names_that_had_the_same_port_do_not_share_it() -> None:
    port = free_port()
    found = free_ports(("a", "b"), {"a": port, "b": port})
    assert (found["a"], found["b"] == port) == (port, False)


def test_a_port_that_somebody_else_has_over_udp_is_not_free() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        assert not is_free(taken.getsockname()[1])


def test_no_port_is_one_that_the_system_gives_to_outgoing_connections(
    monkeypatch, tmp_path
) -> None:
    told = tmp_path / "range"
    told.write_text("20000\t60999\n")
    monkeypatch.setattr(ports, "_RANGE_FILE", told)
    assert all(port < 20_000 for port in free_ports([str(each) for each in range(50)]).values())


def test_where_the_system_says_nothing_the_dynamic_ports_are_left_alone(
    monkeypatch, tmp_path
) -> None:
    monkeypatch.setattr(ports, "_RANGE_FILE", tmp_path / "none")
    assert all(port < 49_152 for port in free_ports([str(each) for each in range(50)]).values())
