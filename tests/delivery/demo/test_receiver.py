from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests

from delivery.demo import receiver
from delivery.demo.ports import free_port
from delivery.demo.receiver import Receiver


@pytest.fixture
def place() -> Iterator[tuple[Receiver, str]]:
    port = free_port()
    listening = Receiver(port)
    yield listening, f"http://127.0.0.1:{port}"
    listening.stop()


def test_it_keeps_what_it_is_told_in_order_and_answers_as_a_chat_does(
    place: tuple[Receiver, str],
) -> None:
    listening, url = place
    began = time.time()
    assert requests.post(f"{url}/slack", json={"text": "ΣVAULT is down"}, timeout=5).text == "ok"
    assert requests.post(f"{url}/rollback", data="no JSON", timeout=5).ok
    told = requests.get(f"{url}/received", timeout=5).json()
    assert [(each["path"], each["body"]) for each in told] == [
        ("/slack", {"text": "ΣVAULT is down"}),
        ("/rollback", "no JSON"),
    ]
    assert began <= told[0]["at"] <= told[1]["at"] <= time.time()
    assert [each.path for each in listening.received] == ["/slack", "/rollback"]


def test_of_many_messages_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "_KEPT", 3)
    port = free_port()
    listening = Receiver(port)
    try:
        for number in range(5):
            requests.post(f"http://127.0.0.1:{port}/", json=number, timeout=5)
        assert [each.body for each in listening.received] == [2, 3, 4]
    finally:
        listening.stop()


def test_it_says_that_it_is_ready_and_what_to_ask_for(place: tuple[Receiver, str]) -> None:
    _, url = place
    assert requests.get(f"{url}/ready", timeout=5).ok
    assert requests.get(f"{url}/else", timeout=5).status_code == 404
