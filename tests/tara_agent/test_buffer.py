"""The samples that wait."""

import threading

import pytest

from tara_agent.buffer import SampleBuffer


@pytest.fixture
def filled(sample):
    def fill(count, **options):
        buffer = SampleBuffer(**options)
        for number in range(1, count + 1):
            buffer.put(sample(number))
        return buffer

    return fill


def numbers(samples):
    return [sample.number for sample in samples]


class TestPut:
    def test_loses_the_oldest_when_full_and_counts_it(self, filled):
        buffer = filled(1003)

        assert buffer.lost == 3
        assert numbers(buffer.take_oldest(count=2000, size=10**9)) == list(range(4, 1004))


class TestTakeOldest:
    def test_takes_so_many_in_order(self, filled):
        buffer = filled(5)

        assert numbers(buffer.take_oldest(count=3, size=10**6)) == [1, 2, 3]
        assert len(buffer) == 2

    def test_takes_so_many_bytes(self, filled, sample):
        two = 2 * len(sample(1).encoded)

        assert numbers(filled(5).take_oldest(count=100, size=two)) == [1, 2]

    def test_takes_one_however_large(self, filled):
        assert numbers(filled(5).take_oldest(count=100, size=1)) == [1]

    def test_takes_none_from_nothing(self, filled):
        assert filled(0).take_oldest(count=100, size=1) == []
        assert filled(0).take_newest() == []


class TestPutBack:
    def test_restores_the_order(self, filled, sample):
        buffer = filled(5)
        newest = buffer.take_newest()
        buffer.put(sample(6))

        buffer.put_back(newest)

        assert numbers(buffer.take_oldest(count=100, size=10**6)) == [1, 2, 3, 4, 5, 6]

    def test_loses_the_oldest_where_there_is_no_room(self, filled, sample):
        buffer = filled(3, maximum=3)
        taken = buffer.take_oldest(count=2, size=10**6)
        buffer.put(sample(4))
        buffer.put(sample(5))

        buffer.put_back(taken)

        assert buffer.lost == 2
        assert numbers(buffer.take_oldest(count=100, size=10**6)) == [3, 4, 5]


class TestWaitFor:
    def test_ends_with_the_sample_it_waits_for(self, filled, sample):
        buffer = filled(1)
        waiting = threading.Thread(target=buffer.wait_for, args=(2,))
        waiting.start()

        buffer.put(sample(2))

        waiting.join(5)
        assert not waiting.is_alive()

    def test_ends_when_the_buffer_is_closed(self, filled):
        buffer = filled(0)
        waiting = threading.Thread(target=buffer.wait_for, args=(1,))
        waiting.start()

        buffer.close()

        waiting.join(5)
        assert not waiting.is_alive()
