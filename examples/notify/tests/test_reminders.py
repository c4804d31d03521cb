import os

import pytest
from redis import Redis

from notify.reminders import Reminder, cancel, schedule, take_due


@pytest.fixture
def redis():
    client = Redis.from_url(os.environ["REDIS_URL"])
    client.flushdb()
    yield client
    client.close()


def test_takes_what_is_due_earliest_first(redis):
    for appointment, due in [("late", 30), ("soon", 20), ("first", 10)]:
        schedule(redis, Reminder(appointment, due))
    assert [one.appointment for one in take_due(redis, now=20)] == ["first", "soon"]


def test_takes_each_once(redis):
    schedule(redis, Reminder("a", 10))
    assert take_due(redis, now=10) == [Reminder("a", 10)]
    assert take_due(redis, now=10) == []


def test_moves_one_that_is_there(redis):
    schedule(redis, Reminder("a", 10))
    schedule(redis, Reminder("a", 50))
    assert take_due(redis, now=20) == []


@pytest.mark.parametrize("queued", [True, False])
def test_cancels_what_is_queued(redis, queued):
    if queued:
        schedule(redis, Reminder("a", 10))
    assert cancel(redis, "a") is queued
