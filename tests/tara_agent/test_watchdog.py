"""A time limit on what another thread is doing."""

import threading
import time

import pytest

from tara_agent.watchdog import Watchdog


@pytest.fixture
def barked():
    return threading.Semaphore(0)


@pytest.fixture
def watchdog(barked):
    watchdog = Watchdog(barked.release)
    watchdog.start()
    return watchdog


class TestLimit:
    def test_barks_at_what_takes_too_long(self, watchdog, barked):
        with watchdog.limit(0.05):
            assert barked.acquire(timeout=5)

    def test_does_not_bark_at_what_ends_in_time(self, watchdog, barked):
        with watchdog.limit(0.05):
            pass

        assert not barked.acquire(timeout=0.15)

    def test_barks_once(self, watchdog, barked):
        with watchdog.limit(0.01):
            assert barked.acquire(timeout=5)
            assert not barked.acquire(timeout=0.1)

    def test_minds_a_shorter_limit_after_a_longer_one(self, watchdog, barked):
        with watchdog.limit(60):
            time.sleep(0.02)

        with watchdog.limit(0.05):
            assert barked.acquire(timeout=5)

    def test_minds_a_longer_limit_after_a_shorter_one(self, watchdog, barked):
        with watchdog.limit(0.05):
            pass

        with watchdog.limit(0.3):
            assert not barked.acquire(timeout=0.15)
            assert barked.acquire(timeout=5)
